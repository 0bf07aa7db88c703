"""Philips documents, made from the schemas 1.03 and 1.04.01."""

import base64
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from xli_encoder import encode_leads

TWELVE = "I II III aVR aVL aVF V1 V2 V3 V4 V5 V6"
PATIENT_1_04 = """
  <patient criteriaversionforpatientdata="0A"><generalpatientdata>
    <patientid>P 7</patientid>
    <name><lastname>Doe</lastname><firstname>Jane</firstname><middlename>---</middlename></name>
    <age defaultage="50"><dateofbirth>1950-01-31</dateofbirth></age>
    <pacestatus>Non paced</pacestatus><sex>Female</sex><race id="8">White</race>
    <height><inch>70</inch></height><weight><kg>81.5</kg></weight>
  </generalpatientdata><patientmedicaldata>
    <symptom id="1">Chest pain</symptom><history id="1">Infarction</history>
    <medication id="1">Digoxin</medication><medication id="2">Aspirin</medication>
  </patientmedicaldata></patient>"""
INTERPRETATION = """
  <interpretations><interpretation date="2008-12-23" time="19:44:46" criteriaversion="0A">
    <mdsignatureline>Confirmed by: nobody</mdsignatureline>
    <severity code="ON" id="2">- OTHERWISE NORMAL ECG -</severity>
    <statement><statementcode>SB</statementcode><leftstatement>SINUS BRADYCARDIA</leftstatement>
      <rightstatement>V-rate&lt;60</rightstatement></statement>
  </interpretation></interpretations>"""


def base64_words(samples: ArrayLike) -> str:
    return base64.b64encode(np.asarray(samples, "<i2").tobytes()).decode()


def compressed(leads: Sequence[Sequence[int]]) -> str:
    return base64.b64encode(encode_leads(leads)).decode()


def ecg(n_samples: int = 500, n_leads: int = 12, seed: int = 1) -> np.ndarray:
    """Twelve leads, (n_leads, n_samples) of steps, whose limb leads fit each other up to a step."""
    rng = np.random.default_rng(seed)
    leads = np.rint(np.cumsum(rng.normal(0, 8, (n_leads, n_samples)), axis=1)).astype(int)
    if n_leads >= 6:
        i, ii = leads[0], leads[1]
        noise = rng.integers(-1, 2, (4, n_samples))
        leads[2:6] = np.array([ii - i, -(i + ii) // 2, (2 * i - ii) // 2, (2 * ii - i) // 2]) + noise
    return leads


def calibration(height: int = 200) -> list[int]:
    return [0] * 50 + [height] * 100 + [0] * 50


def document_1_04(
    samples: str,
    *,
    version: str = "1.04",
    attributes: str = 'dataencoding="Base64" compression="XLI" numberofleads="12" durationperchannel="1000"'
    f' leadlabels="{TWELVE}" samplespersecond="500" resolution="5" signaloffset="0" signalsigned="True"'
    ' bitspersample="16" hipass="0.05" lowpass="150" notchfiltered="True" notchfilterfreqs="60 120"',
    patient: str = PATIENT_1_04,
    more: str = "",
    waveforms: str = "",
    encoding: str = "utf-8",
) -> bytes:
    text = f"""<?xml version="1.0" encoding="{encoding}"?>
<restingecgdata status="Confirmed" lang="en" xmlns="http://www3.medical.philips.com">
  <documentinfo><documentname>x.xml</documentname><documenttype>PhilipsECG</documenttype>
    <documentversion>{version}</documentversion><comments>A remark</comments></documentinfo>
  <orderinfo priority=""><ordernumber>12</ordernumber><reasonfororder>Syncope</reasonfororder></orderinfo>
  <dataacquisition date="2008-12-23" time="19:44:46" statflag="False">
    <machine machineid="EKG1" detaildescription="Philips Medical Products:M5000:C.01">PageWriter</machine>
    <acquirer><operator id="CA7"/><departmentname>Ward 3</departmentname>
      <institutionname>Hospital</institutionname><orderingclinician id="1">Dr Who</orderingclinician>
    </acquirer>
    <signalcharacteristics><samplingrate>250</samplingrate><resolution>10</resolution><hipass>0.05</hipass>
      <lowpass>150</lowpass><acquisitiontype>10-WIRE</acquisitiontype><bitspersample>16</bitspersample>
      <signaloffset>0</signaloffset><signalsigned>True</signalsigned>
      <numberchannelsallocated>12</numberchannelsallocated></signalcharacteristics>
  </dataacquisition>{patient}{INTERPRETATION}{more}
  <waveforms><parsedwaveforms {attributes}>{samples}</parsedwaveforms>{waveforms}</waveforms>
</restingecgdata>"""
    return text.encode(encoding)


def document_1_03(
    samples: str,
    *,
    acquisition: str = "STD-12",
    attributes: str = 'compressflag="True" compressmethod="XLI" filterflag="False" dataencoding="Base64"'
    ' durationperchannel="1000" nbitspersample="16"',
    waveforms: str = "",
) -> bytes:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<restingecgdata status="New" lang="en" xmlns="http://www3.medical.philips.com">
  <documentinfo><documentname>x.xml</documentname><documenttype>SierraECG</documenttype>
    <documentversion>1.03</documentversion></documentinfo>
  <dataacquisition date="2004-05-06" time="07:08:09" statflag="False">
    <machine detaildescription="Philips:MRx:1.0">HeartstartMRx</machine>
    <acquirer><operatorid>OP</operatorid></acquirer>
    <signalcharacteristics><samplingrate>500</samplingrate><signalresolution>5</signalresolution>
      <signalbandwidth>0.05-150</signalbandwidth><acquisitiontype>{acquisition}</acquisitiontype>
      <bitspersample>16</bitspersample><signaloffset>0</signaloffset><signalsigned>True</signalsigned>
      <numberchannelsallocated>12</numberchannelsallocated><leadset>STD-12</leadset></signalcharacteristics>
  </dataacquisition>
  <patient criteriaversionforpatientdata="0A"><generalpatientdata><patientid>P</patientid>
    <age><months>18</months></age><pacestatus>Unknown</pacestatus><sex>Unknown</sex>
  </generalpatientdata></patient>
  <waveforms><parsedwaveforms {attributes}>{samples}</parsedwaveforms>{waveforms}</waveforms>
</restingecgdata>""".encode()
