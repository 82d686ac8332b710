"""Writes arrays with NumPy for the tests of the npy reader: each holds 0, 1, 2, ... row by row.

    python3 tests/references/npy.py
"""
import pathlib

import numpy as np

OUT = pathlib.Path(__file__).parent.parent / "VideoLstm.Core.Tests/Formats/Npy/Fixtures"
a = np.arange(24).reshape(2, 3, 4)
for kind in ("<f2", "<f4", "<f8", ">f4", ">f8", "<i2", ">i4", "<i8", "|u1", "|i1"):
    np.save(OUT / f"{kind[0].replace('<', 'little').replace('>', 'big').replace('|', 'one')}_{kind[1:]}.npy", a.astype(kind))
np.save(OUT / "fortran.npy", np.asfortranarray(a.astype("f4")))
np.save(OUT / "vector.npy", np.arange(24, dtype="f4"))
with open(OUT / "version2.npy", "wb") as f:
    np.lib.format.write_array(f, a.astype("f4"), version=(2, 0))
with open(OUT / "version3.npy", "wb") as f:
    np.lib.format.write_array(f, a.astype("f4"), version=(3, 0))
np.save(OUT / "refused_complex.npy", a.astype("c8"))
np.save(OUT / "refused_text.npy", np.array(["a", "b"]))
np.save(OUT / "refused_object.npy", np.array([{}, []], dtype=object))
np.save(OUT / "refused_record.npy", np.zeros(3, dtype=[("a", "f4"), ("b", "i4")]))
