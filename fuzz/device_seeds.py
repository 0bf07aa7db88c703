"""Seeds in the formats of devices, made by the encoders of `tests/doubles` from simulated samples."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

import aecg_document as aecg
import dicom_files as dicom
import ishne_encoder as ishne
import muse_document as muse
import numpy as np
import philips_document as philips
import scp_encoder as scp
from numpy.typing import NDArray
from pydicom import uid

from einthoven.formats.aecg import encode_aecg
from einthoven.formats.dicom import encode_dicom
from einthoven.record import TWELVE_LEADS, Record
from einthoven.signal.simulated import simulate

Seeds = Mapping[str, bytes]
"""By a name that says what is special."""

_EIGHT = ("I", "II", *TWELVE_LEADS[6:])
_START = "20021122091000"
_FEW, _MANY = 24, 60
"""Samples a lead."""


def steps(leads: Sequence[str], n_samples: int = _FEW, microvolts: float = 5.0) -> NDArray[np.int64]:
    """Return simulated samples in steps, (n_leads, n_samples), at 100 Hz."""
    signal = simulate("normal", duration_s=1.0, fs=100.0, leads=leads, seed=1).signal[:, 20 : 20 + n_samples]
    return np.rint(signal * 1000 / microvolts).astype(np.int64)


def aecg_seeds(record: Record) -> Seeds:
    """Return HL7 aECG documents."""
    one, two = steps(["I", "II"]).tolist()
    marked = aecg.annotation_set(
        aecg.annotation("MDC_ECG_BEAT", "MDC_ECG_BEAT_V_P_C", aecg.between(f"{_START}.010", f"{_START}.020")),
        aecg.annotation("MDC_ECG_RHY", "MDC_ECG_RHY_ATR_FIB", aecg.between(_START)),
        aecg.annotation("MDC_ECG_TIME_PD_QT", '<value xsi:type="PQ" value="402" unit="ms"/>'),
        aecg.annotation("MDC_ECG_INTERPRETATION", "", "", aecg.annotation(
            "MDC_ECG_INTERPRETATION_STATEMENT", '<value xsi:type="ST">Sinus rhythm</value>')),
    )  # fmt: skip
    relative = aecg.times("TIME_RELATIVE", "0", "5", "ms")
    samples = aecg.sequence_set(aecg.times(), aecg.lead("I", one), aecg.lead("II", two))
    beat = aecg.series(aecg.sequence_set(relative, aecg.lead("I", one)), code="REPRESENTATIVE_BEAT",
                       tag="derivedSeries")  # fmt: skip
    scaled = aecg.lead(
        "V1", one, scale='<scale value="0.0025" unit="mV"/>', origin='<origin value="1" unit="mV"/>'
    )
    return {
        "written": encode_aecg(record),
        "two-leads": aecg.recording(aecg.lead("I", one), aecg.lead("II", two)),
        "relative": aecg.recording(scaled, when=relative),
        "annotated": aecg.document(aecg.series(samples, marked, beat)),
        "two-series": aecg.document(
            aecg.series(samples),
            aecg.series(samples.replace(_START, "20021122091001"), low="20021122091001"),
        ),
        "two-sets": aecg.document(
            aecg.series(
                samples, aecg.sequence_set(aecg.times(head="20021122091000.048"), aecg.lead("I", two))
            )
        ),
    }


def dicom_seeds(record: Record) -> Seeds:
    """Return DICOM files: other types of samples, transfer syntaxes and annotations."""
    samples = steps(["I", "II"])
    normal = dicom.coded("10:8208", "MDC", "Normal beat")
    marks = [
        dicom.annotation(None, normal, TemporalRangeType="POINT", ReferencedSamplePositions=[3]),
        dicom.annotation("Sinus rhythm"),
        dicom.annotation(None, dicom.coded("5.10.2.1-3", "SCPECG", "QT"), NumericValue="402"),
        dicom.annotation(None, normal, TemporalRangeType="SEGMENT", ReferencedTimeOffsets=["1", "20"]),
    ]
    facts = {
        "SpecificCharacterSet": "ISO_IR 100", "PatientName": "Müller^Anna^^Dr", "PatientID": "7",
        "PatientBirthDate": "19500131", "PatientAge": "052Y", "PatientSex": "F",
        "AcquisitionDateTime": "20021122091000.5+0100", "Manufacturer": "Einthoven & Co",
    }  # fmt: skip
    own = [dicom.channel("V1", ChannelSensitivity="0.0025", ChannelBaseline="3"), dicom.channel("V5")]
    return {
        "written": encode_dicom(record),
        "plain": dicom.ecg(dicom.group(samples)),
        "implicit": dicom.ecg(dicom.group(samples), syntax=uid.ImplicitVRLittleEndian),
        "deflated": dicom.ecg(dicom.group(samples), syntax=uid.DeflatedExplicitVRLittleEndian),
        "bare": dicom.bare(dicom.ecg(dicom.group(samples))),
        "undefined-lengths": dicom.encoded(
            dicom.data_set(dicom.group(samples), **facts), undefined_lengths=True
        ),
        "annotated": dicom.ecg(dicom.group(samples), WaveformAnnotationSequence=marks, **facts),
        "bytes": dicom.ecg(dicom.group(samples // 8 % 128, interpretation="UB")),
        "wide": dicom.ecg(dicom.group(samples, own, "SL"), SOPClassUID=uid.General32bitECGWaveformStorage),
        "two-groups": dicom.ecg(
            dicom.group(samples), dicom.group(samples, WaveformOriginality="DERIVED", SamplingFrequency="250")
        ),
        "padded": dicom.ecg(
            dicom.group(samples, WaveformPaddingValue=samples[0, :1].astype("<i2").tobytes())
        ),
    }


def muse_seeds() -> Seeds:
    """Return GE MUSE documents."""
    rows = dict(zip(_EIGHT, steps(_EIGHT).tolist(), strict=True))
    leads = [muse.lead(name, row) for name, row in rows.items()]
    facts = (
        "<PatientDemographics><PatientID>7</PatientID><PatientAge>43</PatientAge><AgeUnits>YEARS</AgeUnits>"
        "<DateofBirth>07-08-1979</DateofBirth><Gender>MALE</Gender><HeightIN>70</HeightIN>"
        "<PatientLastName>DOE</PatientLastName></PatientDemographics><TestDemographics>"
        "<AcquisitionDate>11-22-2002</AcquisitionDate><AcquisitionTime>09:10:00</AcquisitionTime>"
        "<AcquisitionDevice>CART</AcquisitionDevice></TestDemographics><Diagnosis><DiagnosisStatement>"
        "<StmtFlag>ENDSLINE</StmtFlag><StmtText>Sinus rhythm</StmtText></DiagnosisStatement></Diagnosis>"
    )
    beats = (
        "<QRSTimesTypes><QRS><Number>1</Number><Type>0</Type><Time>40</Time></QRS><QRS><Number>2</Number>"
        "<Type>1</Type><Time>80</Time></QRS><GlobalRR>857</GlobalRR></QRSTimesTypes>"
    )
    filters = "<HighPassFilter>16</HighPassFilter><LowPassFilter>150</LowPassFilter><ACFilter>60</ACFilter>"
    median = muse.waveform(*leads[:2], kind="Median")
    return {
        "one-lead": muse.document(muse.waveform(muse.lead("V1", rows["V1"]))),
        "eight-leads": muse.document(facts, median, muse.waveform(*leads, more=filters), beats),
        "volts": muse.document(
            muse.waveform(muse.lead("II", rows["II"], per_bit="0.00488", units="MILLIVOLTS"), power="-1")
        ),
        "utf-16": muse.document(facts, muse.waveform(leads[0]), encoding="UTF-16"),
        "baseline": muse.document(
            muse.waveform(muse.lead("I", rows["I"], more="<FirstSampleBaseline>9</FirstSampleBaseline>"))
        ),
    }


def philips_seeds() -> Seeds:
    """Return Philips documents of each version, with and without XLI."""
    twelve = steps(TWELVE_LEADS)
    two = twelve[:2]
    alone = 'dataencoding="Plain" leadlabels="I II" samplespersecond="500" resolution="5"'
    plain = " ".join(map(str, two.reshape(-1).tolist()))
    uncompressed = 'compressflag="False" compressmethod="XLI" dataencoding="Base64" durationperchannel="48"'
    beats = (
        '<repbeats dataencoding="Base64" samplespersec="1000" resolution="2.5"><repbeat leadname="II">'
        f'<waveform duration="{_FEW}">{philips.base64_words(two[1])}</waveform></repbeat></repbeats>'
    )
    marks = (
        "<annotations><annotation><time>40</time><label>N</label></annotation><annotation><time>20</time>"
        "<label>noise</label><leadname>II</leadname></annotation></annotations>"
    )
    return {
        "1.04-marks": philips.document_1_04(plain, attributes=alone, waveforms=marks),
        "1.04-xli": philips.document_1_04(philips.compressed(twelve.tolist()), waveforms=beats),
        "1.04-plain": philips.document_1_04(plain, attributes=alone, version="1.04.01"),
        "1.04-base64": philips.document_1_04(
            philips.base64_words(two),
            attributes=alone.replace("Plain", "Base64"),
            patient="",
            waveforms=beats,
        ),
        "1.04-xli-two-leads": philips.document_1_04(
            philips.compressed(two.tolist()),
            attributes='dataencoding="Base64" compression="XLI" leadlabels="V1 V2" resolution="5"'
            ' samplespersecond="500"',
        ),
        "1.03-xli": philips.document_1_03(philips.compressed(twelve.tolist())),
        "1.03-base64": philips.document_1_03(
            philips.base64_words(twelve), attributes=uncompressed,
            waveforms='<repbeats dataencoding="Plain"><repbeat leadname="I">1 2</repbeat></repbeats>',
        ),
    }  # fmt: skip


def ishne_seeds() -> Seeds:
    """Return ISHNE recordings."""
    codes = [ishne.CODES["I"], ishne.CODES["V5"]]
    frames = steps(["I", "V5"], _MANY).T.tolist()
    return {
        "two-leads": ishne.encode_ishne(frames, codes),
        "one-lead": ishne.encode_ishne([frame[:1] for frame in frames], [0], block=b"a block\r\nof text"),
        "of-all": ishne.encode_ishne(frames, codes, n_samples=2 * len(frames), fs=0, pacemaker=3),
        "noisy": ishne.encode_ishne(frames, codes, quality=[3, 4], checksum=0, texts=(b"a", b"b", b"c")),
        "no-dates": ishne.encode_ishne(frames, codes, birth=(-9, -9, -9), recorded=(0, 0, 0), race=9),
    }


def scp_seeds() -> Seeds:
    """Return SCP-ECG records: other codings, tables, and reference beats."""
    rows = dict(zip(("V1", "V2"), steps(["V1", "V2"], _MANY).tolist(), strict=True))
    tables = [
        scp.Table((("0", 0, 0), ("10", 0, 4)), {"11": 2}),
        scp.Table((("1", 0, 16),), {"00": 1, "01": 3}),
        scp.Table((("1", 7, 0),), {"0": 1}),
    ]
    fields = [
        scp.tag(0, "Curie"), scp.tag(2, "P-1"), scp.tag(4, struct.pack("<HB", 36, 1)),
        scp.tag(5, struct.pack("<HBB", 1867, 11, 7)), scp.tag(6, struct.pack("<HB", 160, 1)),
        scp.tag(8, b"\2"), scp.tag(10, b"\0\1\2Digoxin\0"), scp.machine(),
        scp.tag(25, struct.pack("<HBB", 2002, 11, 22)), scp.tag(26, bytes((9, 10, 0))), scp.tag(30, "a note"),
    ]  # fmt: skip
    more = {7: scp.measurements([(20, 500)]), 8: scp.statements("Sinus rhythm", "Normal ECG")}
    wide = scp.Table((("0", 0, 16),))
    switching = scp.coded(rows["V1"][:8], tables, [2] * 8)
    return {
        "huffman": scp.simple(rows, fields=fields, more=more),
        "plain": scp.simple(rows, coding="plain", order=1, fields=fields),
        "own-table": scp.simple(rows, tables=[wide], order=0),
        "switching": scp.record(
            {1: scp.header(*fields), 2: scp.huffman(tables), 3: scp.leads([(1, 8, 3)]),
             6: scp.waveform([switching])}
        ),
        "limbs": scp.simple({"I": rows["V1"], "II": rows["V2"]}, fields=[scp.machine()]),
        "beats": _scp_with_beats(rows),
        "bimodal": _scp_with_beats(rows, factor=4),
        "spans": scp.record(
            {3: scp.leads([(1, 3, 3), (3, 5, 4), (31, 32, 5)], groups_of=1),
             6: scp.waveform([scp.plain(rows["V1"][:n]) for n in (3, 3, 2)])}
        ),
        "slower": scp.record(
            {1: scp.header(), 3: scp.leads([(1, 16, 3)]), 4: scp.beats(12, 3, []),
             5: scp.waveform([scp.plain([1, 5, 2])], interval=1000),
             6: scp.waveform([scp.plain(rows["V1"][:8])], interval=2000)}
        ),
        "2020": scp.simple(rows, protocol=30, fields=fields),
    }  # fmt: skip


def _scp_with_beats(rows: Mapping[str, Sequence[int]], factor: int = 1) -> bytes:
    """Return a record whose reference beat was subtracted, perhaps at a lower rate outside of the beats."""
    beat, fiducial = [0, 10, 80, -40, 5, 0], 3
    complexes = [(0, 4, 6, 9), (1, 14, 14, 14), (0, 20, 22, 24)]
    areas = [(4, 9), (20, 24)]
    left = {name: scp.residual(row, 1, beat, fiducial, complexes) for name, row in rows.items()}
    stored = [scp.thinned(row, 1, areas, factor) if factor > 1 else row for row in left.values()]
    spans = [(1, len(row), scp.LEAD_CODES[name]) for name, row in rows.items()]
    return scp.record(
        {
            1: scp.header(scp.machine()),
            2: scp.huffman(None),
            3: scp.leads(spans, subtracted=True),
            4: scp.beats(12, fiducial, complexes, areas if factor > 1 else ()),
            5: scp.waveform([scp.coded(scp.differences(beat, 2), None)] * len(rows), order=2),
            6: scp.waveform(
                [scp.coded(scp.differences(row, 2), None) for row in stored],
                order=2, interval=2000 * factor, bimodal=int(factor > 1),
            ),
        }
    )  # fmt: skip
