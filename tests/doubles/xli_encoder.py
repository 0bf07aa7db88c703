"""An encoder of Philips XLI, written from the description of the format and not from our decoder.

Source: https://github.com/sixlettervariables/sierra-ecg-tools/wiki, "XLI Compression in Detail", backwards.
"""

from collections.abc import Sequence

N_BITS = 10
LAST_STRING = 1022
END = 1023


def lzw_codes(data: bytes) -> list[int]:
    """Compress bytes to LZW codes, without a mark of the end."""
    strings = {bytes([value]): value for value in range(256)}
    codes = []
    longest = b""
    for value in data:
        longer = longest + bytes([value])
        if longer in strings:
            longest = longer
            continue
        codes.append(strings[longest])
        if len(strings) <= LAST_STRING:
            strings[longer] = len(strings)
        longest = bytes([value])
    return [*codes, strings[longest]] if longest else codes


def pack(codes: Sequence[int]) -> bytes:
    """Put numbers of 10 bits one after the other, the uppermost bit first, and fill up with zeros."""
    bits = "".join(f"{code:010b}" for code in codes)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))


def delta_codes(samples: Sequence[int]) -> tuple[int, list[int]]:
    """Return the delta code of the header, and those of the data, of at least 2 samples."""
    steps = [2 * samples[i - 1] - samples[i - 2] - samples[i] for i in range(2, len(samples))]
    first = steps[0] if steps else 0
    later = [step + 64 for step in steps[1:]]
    return first, [samples[0], samples[1], *later, *([0] if steps else [])]


def encode_lead(samples: Sequence[int], *, with_end: bool = True) -> bytes:
    """Write one chunk."""
    first, codes = delta_codes([int(sample) for sample in samples])
    words = [code & 0xFFFF for code in codes]
    data = bytes(word >> 8 for word in words) + bytes(word & 0xFF for word in words)
    compressed = pack([*lzw_codes(data), *([END] if with_end else [])])
    head = len(compressed).to_bytes(4, "little") + b"\1\0" + (first & 0xFFFF).to_bytes(2, "little")
    return head + compressed


def half(value: int) -> int:
    """Divide by two, towards zero."""
    return value // 2 if value >= 0 else -(-value // 2)


def rest_of_limb_leads(six: Sequence[Sequence[int]]) -> list[list[int]]:
    """Return what XLI stores of I, II, III, aVR, aVL and aVF."""
    i, ii, iii, avr, avl, avf = ([int(value) for value in lead] for lead in six)
    return [
        i,
        ii,
        [b - a - c for a, b, c in zip(i, ii, iii, strict=True)],
        [-r - half(a + b) for a, b, r in zip(i, ii, avr, strict=True)],
        [half(a - c) - left for a, c, left in zip(i, iii, avl, strict=True)],
        [half(b + c) - foot for b, c, foot in zip(ii, iii, avf, strict=True)],
    ]


def encode_leads(leads: Sequence[Sequence[int]]) -> bytes:
    """Write all leads, of which the first six are I, II, III, aVR, aVL and aVF if there are as many."""
    stored = [*rest_of_limb_leads(leads[:6]), *leads[6:]] if len(leads) >= 6 else list(leads)
    return b"".join(encode_lead(lead) for lead in stored)
