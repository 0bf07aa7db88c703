"""Philips documents, clause by clause.

Sources: SierraECGSchema 1.03 and 1.04.01 (elements and attributes); for XLI the wiki of the Sierra ECG Tools,
https://github.com/sixlettervariables/sierra-ecg-tools/wiki, sections "XLI Compression in Detail",
"Decompressed Data in Detail", "Delta Compression Scheme" and "Limb Lead Reconstruction Scheme". All bytes and
numbers here are worked out by hand.
"""

import numpy as np
import pytest
from philips_document import base64_words, document_1_03, document_1_04

from einthoven.errors import FormatError
from einthoven.formats.given import Given
from einthoven.formats.philips import read_philips
from einthoven.formats.philips.xli import decode_xli, restore_limb_leads
from einthoven.record import Record

X = Given(where="x.xml")


def bits(*codes: int) -> bytes:
    text = "".join(f"{code:010b}" for code in codes)
    return int(text.ljust(-(-len(text) // 8) * 8, "0"), 2).to_bytes(-(-len(text) // 8), "big")


def lead(header: str, *codes: int) -> list[int]:
    data = bits(*codes)
    return decode_xli(len(data).to_bytes(4, "little") + bytes.fromhex(header) + data, 1, 2**20, "x")[
        0
    ].tolist()


def plain(samples: str, attributes: str, version: str = "1.04.01") -> Record:
    return read_philips(document_1_04(samples, version=version, attributes=attributes), X)


class TestXLI:
    def test_header_then_codes_of_10_bits(self) -> None:
        """XLI in detail: bytes 0-3 the size, 4-5 always 1, 6-7 the first delta code."""
        # Ten bits each of 0, 0, 5, 6: upper bytes 0 and 0, lower bytes 5 and 6.
        data = bytes.fromhex("05000000010000000000001406")
        assert decode_xli(data, 1, 2**20, "x")[0].tolist() == [5, 6]
        assert lead("01000000", 0, 0, 5, 6) == [5, 6]

    def test_the_upper_bytes_come_first(self) -> None:
        """Decompressed data: output[i] = (input[i] << 8) | input[nSamples + i]."""
        assert lead("01000000", 0x12, 0xFF, 0x34, 0xFE) == [0x1234, -2]

    def test_delta_codes(self) -> None:
        """Delta scheme: z = 2y - x - prev; prev = code - 64, at first the one of the header."""
        # Codes 10, 20, 66, 61, 0 after 3 in the header: 2*20-10-3 = 27; prev = 66-64 = 2: 2*27-20-2 = 32;
        # prev = 61-64 = -3: 2*32-27+3 = 40.
        assert lead("01000300", 0, 0, 0, 0, 0, 10, 20, 66, 61, 0) == [10, 20, 27, 32, 40]

    def test_a_code_stands_for_a_string_from_256_on(self) -> None:
        """LZW: 256 is the first two bytes; 1023 ends the data."""
        # 0, then the string 0 0 that is just being made: upper bytes 0 0 0, lower bytes 7 8 9; 5 is not read.
        assert lead("01000000", 0, 256, 7, 8, 9, 1023, 5) == [7, 8, 9]

    def test_limb_leads(self) -> None:
        """Limb leads: III = II - I - III; aVR = -aVR - (I + II) / 2; aVL = (I - III) / 2 - aVL; aVF alike."""
        one = np.ones(1, np.int32)
        iii, avr, avl, avf = restore_limb_leads(10 * one, 30 * one, (one, 2 * one, 3 * one, 4 * one))
        assert (iii[0], avr[0], avl[0], avf[0]) == (19, -22, -7, 20)


class TestParsedWaveforms:
    """Schema 1.04.01, element parsedwaveforms."""

    def test_all_of_channel_1_comes_first(self) -> None:
        record = plain(
            "1 2 3 4", 'dataencoding="Plain" leadlabels="V1 V2" samplespersecond="500" resolution="5"'
        )
        np.testing.assert_array_equal(record.signal, np.array([[5, 10], [15, 20]], np.float32) / 1000)

    def test_resolution_is_in_microvolts(self) -> None:
        record = plain("1000 0", 'dataencoding="Plain" leadlabels="V1" samplespersecond="500" resolution="1"')
        assert record.signal.tolist() == [[1.0, 0.0]]

    def test_signaloffset_is_subtracted(self) -> None:
        attributes = (
            'dataencoding="Plain" leadlabels="V1" samplespersecond="500" resolution="1" signaloffset="-7"'
        )
        assert plain("-7 993", attributes).signal.tolist() == [[0.0, 1.0]]

    def test_labels_are_parted_by_blanks(self) -> None:
        attributes = 'dataencoding="Plain" leadlabels=" I  aVR&#9;V3R " samplespersecond="500" resolution="1"'
        assert plain("1 2 3", attributes).leads == ("I", "aVR", "V3R")

    def test_samplespersecond_may_be_no_whole_number(self) -> None:
        attributes = 'dataencoding="Plain" leadlabels="V1" samplespersecond="128.5" resolution="1"'
        assert plain("1 2", attributes).fs == 128.5

    def test_waveforms_that_are_not_contained(self) -> None:
        """Element unparsedwaveforms: data which is not contained in this file."""
        data = document_1_04("", waveforms='<unparsedwaveforms href="y.bin"/>')
        data = data.replace(b"<parsedwaveforms", b"<x").replace(b"</parsedwaveforms", b"</x")
        with pytest.raises(FormatError, match="a link to samples in another file"):
            read_philips(data, X)


UNCOMPRESSED = 'compressflag="False" compressmethod="XLI" dataencoding="Base64" durationperchannel="4"'


class TestVersion103:
    """Schema 1.03."""

    def test_compressflag_goes_before_compressmethod(self) -> None:
        record = read_philips(document_1_03(base64_words(range(24)), attributes=UNCOMPRESSED), X)
        np.testing.assert_array_equal(record.signal[1], np.array([10, 15], np.float32) / 1000)

    def test_signalresolution_and_samplingrate(self) -> None:
        data = document_1_03(base64_words([1] * 24), attributes=UNCOMPRESSED)
        data = data.replace(b"<signalresolution>5<", b"<signalresolution>1.25<").replace(b">500<", b">1000<")
        record = read_philips(data.replace(b'"4"', b'"2"'), X)
        assert (record.fs, record.signal[0, 0]) == (1000.0, np.float32(0.00125))

    def test_repbeats_state_no_resolution(self) -> None:
        """Element repbeats has dataencoding only, so that nobody can tell what a step is."""
        data = document_1_03(
            base64_words(range(24)),
            attributes=UNCOMPRESSED,
            waveforms='<repbeats dataencoding="Plain"><repbeat leadname="I">1 2</repbeat></repbeats>',
        )
        record = read_philips(data, X)
        assert record.representative_beat is None
        assert record.warnings[0].startswith("representative beats were not read: x.xml, repbeats: expected")
