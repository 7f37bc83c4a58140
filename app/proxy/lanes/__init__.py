"""The two ways to a provider: `passthrough` where it speaks the client's dialect, `convert` where it does not.

Both start with `sending.py` and both end in an answer to the client or a PatchbayError. A pass-through changes no byte
but the model's name; a conversion goes through the neutral form. `carry.py` takes the lane of the road that `roads.py`
chose, and another where that road turns out closed; a third lane is one file and one line there. Thread: the loop's.
"""
