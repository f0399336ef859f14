"""What the kinds of layers are called in PyTorch and in Keras, and where these differ from each other and from here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Elsewhere:
    """The names of a layer in `torch.nn` and in `keras.layers`, where it has one, and what is different there."""

    torch: str = ""
    keras: str = ""
    differs: str = ""


ELSEWHERE: dict[str, Elsewhere] = {
    "dense": Elsewhere("Linear", "Dense", "Keras has the rows and columns of `w` the other way round"),
    "activation": Elsewhere("Sigmoid, Tanh, ReLU …", "Activation"),
    "loss": Elsewhere("MSELoss, BCELoss …", "losses.…", "`CrossEntropyLoss` has softmax in it; both lack ½"),
    "convolution": Elsewhere("Conv2d", "Conv2D", "Keras: channels last, `w` (row, column, channel, filter)"),
    "convolution 1d": Elsewhere("Conv1d", "Conv1D", "as above"),
    "transposed convolution": Elsewhere("ConvTranspose2d", "Conv2DTranspose", "Keras: `w` ends (filter, channel)"),
    "transposed convolution 1d": Elsewhere("ConvTranspose1d", "Conv1DTranspose", "as above"),
    "maximum pooling": Elsewhere("MaxPool2d", "MaxPooling2D", '`rest = "looked at"` is `ceil_mode` of PyTorch'),
    "mean pooling": Elsewhere("AvgPool2d", "AveragePooling2D", "Keras counts what lies inside the picture only"),
    "flatten": Elsewhere("Flatten", "Flatten", "Keras lays pictures out with their channels last"),
    "elman": Elsewhere("RNN", "SimpleRNN", "PyTorch has two biases, whose sum is `b`"),
    "lstm": Elsewhere("LSTM", "LSTM", "Keras has rows and columns of its matrices the other way round"),
    "gru": Elsewhere("GRU", "GRU", "Keras: gates in the order z r n"),
    "encoder decoder": Elsewhere("two RNN", "two SimpleRNN"),
    "embedding": Elsewhere("Embedding", "Embedding", "both count words from 0, stepnn from 1"),
    "attention": Elsewhere("MultiheadAttention", "MultiHeadAttention", "PyTorch: matrices from the left, biases"),
    "layer normalization": Elsewhere("LayerNorm", "LayerNormalization", "Keras: `epsilon` 1e-3"),
    "batch normalization": Elsewhere("BatchNorm1d, BatchNorm2d", "BatchNormalization", "Keras: `epsilon` 1e-3"),
    "residual": Elsewhere("", "Add"),
    "positional encoding": Elsewhere(),
    "dropout": Elsewhere("Dropout", "Dropout", "both draw the mask, which is given here"),
    "rbm": Elsewhere(),
}  # fmt: skip
