"""The smallest reader and writer of npy files: enough to hand arrays to tconv, and to read what it writes."""
import ast
import itertools
import struct


def product(sizes):
    result = 1
    for size in sizes:
        result *= size
    return result


class Array:
    """A shape, a type ('f4' or 'f8'), and the elements as floats in C order."""

    def __init__(self, shape, values, dtype='f8'):
        self.shape, self.dtype = tuple(shape), dtype
        self.values = [float(v) for v in values]
        assert len(self.values) == product(shape), (shape, len(self.values))
        if dtype == 'f4':
            self.values = list(struct.unpack(f'<{len(self.values)}f', struct.pack(f'<{len(self.values)}f', *self.values)))


def encode(array, order='C', endian='<', version=1):
    values = array.values
    if order == 'F':  # the first axis fastest
        strides = [product(array.shape[i + 1:]) for i in range(len(array.shape))]
        values = [values[sum(i * s for i, s in zip(reversed(at), strides))]
                  for at in itertools.product(*(range(n) for n in reversed(array.shape)))]
    shape = '(' + ''.join(f'{n},' for n in array.shape) + ')'
    header = f"{{'descr': '{endian}{array.dtype}', 'fortran_order': {order == 'F'}, 'shape': {shape}, }}\n".encode()
    length = struct.pack('<H' if version == 1 else '<I', len(header))
    data = struct.pack(f"{endian}{len(values)}{'f' if array.dtype == 'f4' else 'd'}", *values)
    return b'\x93NUMPY' + bytes([version, 0]) + length + header + data


def decode(data):
    assert data[:8] == b'\x93NUMPY\x01\x00', data[:8]
    end = 10 + struct.unpack('<H', data[8:10])[0]
    header = ast.literal_eval(data[10:end].decode())
    assert end % 64 == 0 and not header['fortran_order'] and header['descr'] in ('<f4', '<f8'), header
    shape, dtype = header['shape'], header['descr'][1:]
    return Array(shape, struct.unpack(f"<{product(shape)}{'f' if dtype == 'f4' else 'd'}", data[end:]), dtype)
