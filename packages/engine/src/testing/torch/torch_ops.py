"""The graph's ops in PyTorch: each takes tensors and the node's attributes and gives the node's outputs in order."""
import torch
import torch.nn.functional as F
from torch.nn.grad import conv2d_input, conv2d_weight

OPS = {}


def op(function):
    OPS[function.__name__] = function
    return function


def gradients(function, dy, *inputs):
    """What autograd gives for `inputs`."""
    leaves = [value.detach().clone().requires_grad_() for value in inputs]
    return torch.autograd.grad(function(*leaves), leaves, dy)


def window(a):
    return {"stride": a["stride"], "padding": a["padding"], "groups": a["groups"]}


def pool(a):
    return {"kernel_size": a["kernel"], "stride": a["stride"], "padding": a["padding"]}


@op
def conv2d(a, x, weight, bias=None):
    return [F.conv2d(x, weight, bias, **window(a))]


@op
def conv2dBackwardData(a, dy, weight):
    shape = [dy.shape[0], weight.shape[1] * a["groups"], *a["size"]]
    return [conv2d_input(shape, weight, dy, **window(a))]


@op
def conv2dBackwardWeights(a, x, dy):
    shape = [dy.shape[1], x.shape[1] // a["groups"], *a["kernel"]]
    return [conv2d_weight(x, shape, dy, **window(a))]


@op
def linear(a, x, weight, bias=None):
    return [F.linear(x, weight, bias)]


@op
def linearBackwardData(a, dy, weight):
    return [dy @ weight]


@op
def linearBackwardWeights(a, x, dy):
    return [dy.T @ x]


@op
def relu(a, x):
    return [F.relu(x)]


@op
def reluBackward(a, dy, y):
    return gradients(F.relu, dy, y)


@op
def silu(a, x):
    return [F.silu(x)]


@op
def siluBackward(a, dy, x):
    return gradients(F.silu, dy, x)


@op
def gelu(a, x):
    return [F.gelu(x)]


@op
def geluBackward(a, dy, x):
    return gradients(F.gelu, dy, x)


@op
def sigmoid(a, x):
    return [torch.sigmoid(x)]


@op
def sigmoidBackward(a, dy, y):
    return gradients(torch.sigmoid, dy, torch.logit(y))


@op
def maxPool(a, x):
    return [F.max_pool2d(x, **pool(a))]


@op
def maxPoolBackward(a, dy, x):
    return gradients(lambda leaf: F.max_pool2d(leaf, **pool(a)), dy, x)


@op
def averagePool(a, x):
    return [F.avg_pool2d(x, **pool(a))]


@op
def averagePoolBackward(a, dy, x):
    return gradients(lambda leaf: F.avg_pool2d(leaf, **pool(a)), dy, x)


@op
def globalAveragePool(a, x):
    return [F.adaptive_avg_pool2d(x, 1)]


@op
def globalAveragePoolBackward(a, dy):
    x = torch.zeros([*dy.shape[:2], *a["size"]], dtype=dy.dtype)
    return gradients(lambda leaf: F.adaptive_avg_pool2d(leaf, 1), dy, x)


@op
def batchNorm(a, x, gamma, beta, mean, variance):
    return [F.batch_norm(x, mean, variance, gamma, beta, eps=a["epsilon"])]


def moments(x, axes):
    return [x.mean(axes), x.var(axes, unbiased=False)]


def train_norm(a):
    return lambda x, gamma, beta: F.batch_norm(x, None, None, gamma, beta, training=True, eps=a["epsilon"])


@op
def batchNormTraining(a, x, gamma, beta):
    return [train_norm(a)(x, gamma, beta), *moments(x, [0, 2, 3])]


@op
def batchNormBackward(a, dy, x, gamma, mean, variance):
    return gradients(train_norm(a), dy, x, gamma, torch.zeros_like(gamma))


def channel_norm(a):
    def norm(x, gamma, beta):
        y = F.layer_norm(x.movedim(1, -1), gamma.shape, gamma, beta, a["epsilon"])
        return y.movedim(-1, 1)

    return norm


@op
def layerNorm(a, x, gamma, beta):
    return [channel_norm(a)(x, gamma, beta)]


@op
def layerNormTraining(a, x, gamma, beta):
    return [channel_norm(a)(x, gamma, beta), *moments(x, [1])]


@op
def layerNormBackward(a, dy, x, gamma, mean, variance):
    return gradients(channel_norm(a), dy, x, gamma, torch.zeros_like(gamma))


@op
def softmaxCrossEntropy(a, logits, targets):
    leaf = logits.detach().clone().requires_grad_()
    loss = F.cross_entropy(leaf, targets, label_smoothing=a["labelSmoothing"])
    return [loss.detach().reshape(1), *torch.autograd.grad(loss, leaf)]


@op
def gradientClip(a, *gradients_):
    leaves = [torch.zeros_like(gradient).requires_grad_() for gradient in gradients_]
    for leaf, gradient in zip(leaves, gradients_):
        leaf.grad = gradient.clone()
    norm = torch.nn.utils.clip_grad_norm_(leaves, a["maximumNorm"])
    return [torch.clamp(a["maximumNorm"] / norm, max=1.0).reshape(1)]


def optimised(optimiser, weight, gradient, state, scale):
    """One step of a PyTorch optimiser from the given state."""
    leaf = weight.clone().requires_grad_()
    leaf.grad = gradient * (scale if scale is not None else 1)
    step = optimiser([leaf])
    step.state[leaf] = state
    step.step()
    return leaf.detach(), step.state[leaf]


@op
def sgd(a, weight, gradient, velocity, rate, scale=None):
    if a["momentum"] == 0:  # PyTorch keeps no velocity then; ours is the gradient
        gradient = gradient * (scale if scale is not None else 1) + a["weightDecay"] * weight
        return [weight - rate * gradient, gradient]
    settings = {"momentum": a["momentum"], "nesterov": a["nesterov"], "weight_decay": a["weightDecay"]}
    make = lambda leaves: torch.optim.SGD(leaves, lr=rate.item(), **settings)
    after, state = optimised(make, weight, gradient, {"momentum_buffer": velocity.clone()}, scale)
    return [after, state["momentum_buffer"]]


@op
def adamw(a, weight, gradient, m, v, rate, step, scale=None):
    settings = {"betas": (a["beta1"], a["beta2"]), "eps": a["epsilon"], "weight_decay": a["weightDecay"]}
    make = lambda leaves: torch.optim.AdamW(leaves, lr=rate.item(), **settings)
    state = {"step": step[0].clone() - 1, "exp_avg": m.clone(), "exp_avg_sq": v.clone()}
    after, state = optimised(make, weight, gradient, state, scale)
    return [after, state["exp_avg"], state["exp_avg_sq"]]


@op
def movingAverage(a, old, fresh, given=None):
    return [torch.lerp(old, a["correction"] * fresh, given if given is not None else torch.tensor(a["share"], dtype=old.dtype))]


@op
def reduceSum(a, x):
    return [x.sum(a["axes"], keepdim=a["keepDims"])]


@op
def add(a, x, y):
    return [x + y]


@op
def multiply(a, x, factor):
    return [x * factor]


@op
def channelScale(a, x, scale):
    return [x * scale.reshape(1, -1, 1, 1)]


@op
def dropPath(a, x):
    return [x]


@op
def reshape(a, x):
    return [x.reshape([x.shape[0], *a["shape"]])]
