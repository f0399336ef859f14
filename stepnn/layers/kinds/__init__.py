"""Every kind of layer that a lesson can name, each a page of formulas."""

from stepnn.layers.kinds import attention, plain, recurrent, windows

KINDS = {**plain.KINDS, **windows.KINDS, **recurrent.KINDS, **attention.KINDS}
