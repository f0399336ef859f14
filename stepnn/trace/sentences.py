"""What a step is called, and why it is done, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from stepnn.lessons.said import Words
from stepnn.lessons.schema import OwnQuantity
from stepnn.network.model import Network, Quantity, Role
from stepnn.network.names import Name, label_name
from stepnn.notation.formula import ZERO, Dots, Formula, Ref, refs, walk
from stepnn.notation.indices import bound_letters
from stepnn.notation.numbers import shown
from stepnn.trace.step import Kind, Phase, Step
from stepnn.trace.threshold import is_at_kink, is_near_threshold
from stepnn.words import Catalogue

NameOf = Callable[[Name], str]
MOST_CHANGED = 6  # numbers that are named one by one
OUTLOOKS = (Kind.NUDGE, Kind.PATH, Kind.PATHS, Kind.CHECK, Kind.PREDICT, Kind.PREDICTED)
ASIDES = (Kind.LETTERS, Kind.RUN, Kind.TRAINING, Kind.PICTURE, Kind.DERIVATION, *OUTLOOKS)  # they compute nothing


def as_text(name: Name) -> str:
    return name.text


def parts(step: Step, write: NameOf) -> dict[str, str]:
    """What the sentences speak about: the neuron, and for a derivative its top and bottom, names as written."""
    forms = step.moment.forms
    found = {"name": step.symbol, "neuron": "", "of": "", "top": "", "rate": "", "eta": ""}
    found["number"] = str(step.pass_number)
    rates = [name for name in ("eta_now", "eta") if name in step.moment.values]
    if rates:
        rate = Ref(rates[0])
        found["rate"], found["eta"] = step.moment.decimal(rate).text, write(forms.names.of(rate))
    quantity, ref = step.quantity, step.ref
    if quantity is None:
        return found
    found["name"] = write(forms.names.of(ref or quantity.general))
    found["neuron"] = "" if layered(step) else found["name"]
    if ref is not None and quantity.axes and layered(step):
        found["neuron"] = write(label_name(quantity.axes[0].labels[ref.index[0].constant]))
    if quantity.wrt is not None:
        where = dict(zip(quantity.letters, ref.index, strict=True)) if ref is not None else {}
        top, bottom = (Ref(one.name, tuple(index.replace(where) for index in one.index)) for one in quantity.wrt)
        found["top"], found["of"] = write(forms.names.of(top)), write(forms.names.of(bottom))
    if quantity.of:
        below = Ref(quantity.of, ref.index if ref is not None else quantity.general.index)
        found["of"] = write(forms.names.of(below))
    return found


def title(step: Step, words: Catalogue, write: NameOf = as_text) -> str:
    """The step in a few words: `δ of output neuron o1`."""
    known = parts(step.about or step, write)
    if step.kind in ASIDES:
        return title_of_aside(step, words, known)
    own = own_words(step)
    if own is not None and own.title is not None:
        text = in_language(own.title, words)
        return f"{text}: {known['name']}" if step.ref is not None and step.ref.index else text
    if step.quantity is not None and step.quantity.line and step.term is None:
        return f"{words(f'title.line.{step.quantity.line}')}: {known['name']}"
    if step.kind is Kind.LAYER:
        phase = words(f"phase.{step.phase.value}")
        named = own_layer(step, words) if layered(step) else words("label.part", number=step.layer)
        return words("title.layer", layer=named, phase=phase)
    if step.kind is Kind.TERM:
        return words("title.term", number=step.symbol.rpartition("_")[2], name=known["name"])
    if step.ref is None and step.quantity is not None and layered(step):
        return words(f"title.overview.{key(step)}", layer=own_layer(step, words))
    if step.kind in (Kind.NEW_STATE, Kind.AUXILIARY) and step.quantity is not None:
        return words(f"title.{key(step)}.{purpose(step.quantity)}", **known)
    if step.ref is not None and step.quantity is not None and not step.quantity.axes and step.kind is Kind.OUTPUT_ERROR:
        return words("title.total_error")
    return words.first(f"title.{key(step)}.{place(step)}", f"title.{key(step)}", **known)


def title_of_aside(step: Step, words: Catalogue, known: dict[str, str]) -> str:
    """The title of a step that computes nothing."""
    moment = step.moment
    if step.kind is Kind.RUN and moment.setup.label is not None:
        return words("title.run", number=moment.run, label=in_language(moment.setup.label, words))
    if step.kind is Kind.PICTURE:
        return words(f"title.picture.{step.picture.replace(' ', '_')}")
    if step.kind is Kind.TRAINING and moment.jump is not None:
        one, first = moment.jump.first == moment.jump.last, moment.jump.first
        whole = moment.jump.updates >= len(moment.setup.batches(first)) if one else moment.jump.last > first
        return words(
            "title.training" if whole else "title.training_part",
            first=moment.jump.first, last=moment.jump.last, updates=moment.jump.updates,
        )  # fmt: skip
    return words(f"title.{key(step)}", **known)


def layered(step: Step) -> bool:
    """Whether the step is one of a network of neurons."""
    return step.moment.setup.network.has_neurons


def own_words(step: Step) -> OwnQuantity | None:
    """What the lesson itself says of one of its own quantities."""
    if step.quantity is None or step.term is not None or not step.moment.setup.lesson.quantities:
        return None
    return next((own for own in step.moment.setup.lesson.quantities if own.name == step.quantity.key), None)


def purpose(quantity: Quantity) -> str:
    """What a number of an optimiser is for, as a catalogue key."""
    if quantity.role is Role.NEW_STATE:
        velocity = quantity.function in ("momentum", "nesterov")
        squares = "total" if quantity.function == "adagrad" else "squares"
        return {"m": "mean", "P": "product", "s": squares}.get(quantity.glyph, "velocity" if velocity else "squares")
    found = {
        "m_hat": "corrected", "v_hat": "corrected", "d": "decayed", "g": "decayed", "norm": "norm", "eta_now": "rate",
        "g_cut": "cut", "g_clipped": "clipped",
    }  # fmt: skip
    return found.get(quantity.glyph, "any")


def why_of_aside(step: Step, words: Catalogue, write: NameOf) -> str:
    """The reason for a step that computes nothing."""
    moment = step.moment
    if step.kind is Kind.RUN and moment.setup.about is not None:
        return in_language(moment.setup.about, words)
    if step.kind is Kind.PICTURE:
        return words(f"why.picture.{step.picture.replace(' ', '_')}")
    if step.kind is Kind.TRAINING and moment.jump is not None:
        jump, digits = moment.jump, moment.policy.digits
        before, after = (shown(value, digits).text for value in (jump.before, jump.after))
        return words("why.training", updates=jump.updates, before=before, after=after)
    deeper = step.kind is Kind.PATH and step.layer < moment.network.layers
    return words("why.path_deeper" if deeper else f"why.{key(step)}", **parts(step.about or step, write))


def in_language(own: Words, words: Catalogue) -> str:
    """A text of the lesson in the language of a page."""
    return own.to(words.language).strip()


def why(step: Step, words: Catalogue, write: NameOf = as_text) -> str:
    """Why this is computed, in one or two sentences, and what is special about its numbers."""
    said = reason(step, words, write)
    return warned(said, step, words)


def warned(said: str, step: Step, words: Catalogue) -> str:
    """The reason, and what is special about the numbers: a comparison that rounding may have decided, a kink."""
    said = f"{said} {words('why.near_threshold')}" if is_near_threshold(step) else said
    return f"{said} {words('why.at_kink')}" if is_at_kink(step) else said


def told_at(step: Step, earlier: Iterable[Step]) -> Step | None:
    """The first of some earlier steps with the same reason: what stands there in full need not be said again."""
    if step.quantity is None or step.ref is None or step.term is not None:
        return None
    alike = (one for one in earlier if one.moment is step.moment and one.quantity is step.quantity and one.ref)
    return next((one for one in alike if one.term is None and variants(one) == variants(step)), None)


def as_for(step: Step, first: Step, words: Catalogue, write: NameOf = as_text) -> str:
    """What is different from the first step with the same reason: `As for w5, now with δ_o1 and a_h2.`"""
    names = step.moment.names
    before = set(refs(first.here[-1]))
    changed = [write(names.of(ref)) for ref in refs(step.here[-1]) if ref not in before]
    named = write(names.of(first.ref)) if first.ref is not None else ""
    shortened = any(isinstance(part, Dots) for part in walk(step.here[-1]))
    if shortened or not 0 < len(changed) <= MOST_CHANGED:
        return words("why.as_for_many", first=named, name=write(names.of(step.ref)) if step.ref is not None else "")
    *others, last = changed
    joined = words("why.and", others=", ".join(others), last=last) if others else last
    said = words("why.as_for", first=named, changed=joined)
    return warned(said, step, words)


def reason(step: Step, words: Catalogue, write: NameOf) -> str:
    if step.kind in ASIDES:
        return why_of_aside(step, words, write)
    own = own_words(step)
    if own is not None and own.why is not None:
        return in_language(own.why, words)
    known = parts(step, write)
    if step.quantity is not None and step.quantity.line and step.term is None:
        return words(f"why.line.{step.quantity.line}")
    if step.ref is None and step.quantity is not None and layered(step):
        return words.first(f"why.overview.{overview(step)}", "why.overview.any")
    if step.kind is Kind.TOTAL_ERROR and not step.moment.made_in and is_only_output(step):
        return words("why.total_error_of_one.any")
    if step.kind is Kind.COST and layered(step) and step.moment.setup.lesson.regularization is not None:
        return words("why.cost_with_penalty")
    options = [f"why.{key(step)}.{variant}" for variant in variants(step)]
    said = words.first(*options, f"why.{key(step)}", **known)
    sends = step.kind is Kind.ACTIVATION and layered(step)
    return f"{said} {words(f'why.sends.{place(step)}', **known)}" if sends else said


def overview(step: Step) -> str:
    """Which sentence says what is calculated at once: of gradients, those of biases and of a penalty have their own."""
    of_bias = any(one in variants(step) for one in ("bias", "shared_bias"))
    if step.kind is not Kind.GRADIENT:
        return key(step)
    return "gradient_bias" if of_bias else "gradient_penalty" if "penalty" in variants(step) else "gradient"


def is_only_output(step: Step) -> bool:
    """Whether the network has a single output neuron."""
    outputs = step.moment.network.with_role(Role.OUTPUT_ERROR)
    return bool(outputs) and outputs[-1].count == 1


def key(step: Step) -> str:
    if step.kind is Kind.COST and not layered(step):
        return "cost_of_formulas"
    return step.kind.value.replace(" ", "_")


def place(step: Step) -> str:
    """Whether the step belongs to an output neuron or a hidden one."""
    if not layered(step):
        return "value"
    return "output" if step.layer == step.moment.network.layers else "hidden"


def variants(step: Step) -> list[str]:
    """The special cases of a sentence, the most special first."""
    quantity, network = step.quantity, step.moment.network
    found: list[str] = []
    if step.moment.made_in and step.kind in (Kind.WEIGHTED_SUM, Kind.TOTAL_ERROR):
        found.append("again" if network.total_error is not None else "next_sample")
    if quantity is not None:
        found += ["flat"] if is_flat(quantity) else special(step, quantity, network)
    return [*found, "any"]


def is_flat(quantity: Quantity) -> bool:
    """Whether no error comes back to what this is the slope of: all that reads it is flat."""
    return quantity.formula == ZERO and quantity.role in (Role.GRADIENT, Role.ERROR_SLOPE)


def special(step: Step, quantity: Quantity, network: Network) -> list[str]:
    """What is special about a step of its kind."""
    match step.kind:
        case Kind.NEW_STATE | Kind.AUXILIARY:
            return [purpose(quantity)]
        case Kind.ACTIVATION | Kind.OUTPUT_ERROR | Kind.BATCH_GRADIENT:
            return [function_at(step, quantity)]
        case Kind.WEIGHT_UPDATE:
            if quantity.function != "gradient descent":
                return ["optimizer"]
            read = [network[ref.name] for ref in refs(quantity.formula)] if quantity.formula is not None else []
            return ["flat"] if any(map(is_flat, read)) else []
        case Kind.WEIGHTED_SUM:
            return ["bias" if any(one.layer == step.layer for one in network.with_role(Role.BIAS)) else "plain"]
        case Kind.ACTIVATION_SLOPE if quantity.wrt is not None:
            user = network[quantity.wrt[0].name]
            return [function_at(step, user) if user.role is Role.ACTIVATION else "value"]
        case Kind.GRADIENT if quantity.wrt is not None:
            return gradient_variants(step, network[quantity.wrt[1].name])
        case Kind.PERCEPTRON_ERROR:
            return [] if all(one.function == "step" for one in network.with_role(Role.ACTIVATION)) else ["own"]
        case Kind.PERCEPTRON_UPDATE if step.ref is not None:
            return ["right" if not step.moment.values["e"].any() else "wrong"]
        case Kind.TERM if layered(step):
            return [quantity.role.value.replace(" ", "_")]
        case Kind.DELTA:
            return [place(step)]
        case Kind.ERROR_SLOPE if layered(step):
            return [place(step)]
    return []


def function_at(step: Step, quantity: Quantity) -> str:
    """The name of the function of an element; in a layer of several each neuron has its own."""
    several = quantity.function.split(", ")
    return several[step.ref.index[-1].constant if step.ref is not None and len(several) > 1 else 0]


def gradient_variants(step: Step, parameter: Quantity) -> list[str]:
    if not layered(step):
        formula = step.quantity.formula if step.quantity is not None else None
        if formula is None or not bound_letters(formula):
            return []
        return ["shared_in_time"] if in_time(step.moment.network, formula) else ["shared"]
    if parameter.role is Role.WEIGHT:
        if not step.moment.network.with_role(Role.DELTA):
            return []
        if step.moment.forms.users[parameter.key] > 1:
            return ["penalty"]
        return ["chain" if step.in_full else "weight"]
    if parameter.role is Role.BIAS:
        return ["bias" if parameter.axes else "shared_bias"]
    return []


def in_time(network: Network, formula: Formula) -> bool:
    """Whether a formula adds up over time steps."""
    letters = bound_letters(formula)
    used = [(network[ref.name].axes, ref.index) for ref in refs(formula) if ref.index]
    return any(axes[0].time and any(one in letters for one, _ in index[0].terms) for axes, index in used)


def own_layer(step: Step, words: Catalogue) -> str:
    """The layer that a step belongs to."""
    return layer_name(step.moment.network.layers, step.layer, words)


def layer_name(layers: int, number: int, words: Catalogue) -> str:
    """`hidden layer`, `hidden layer 2`, `output layer`."""
    if number == layers:
        return words("label.output_layer")
    return words("label.hidden_layer") if layers == 2 else words("label.hidden_layer_n", number=number)


def turn_name(step: Step, words: Catalogue) -> list[str]:
    """Which pass or epoch and which sample a step belongs to."""
    moment = step.moment
    samples = len(moment.setup.samples)
    if moment.samples:
        names = [words("label.batch", samples=", ".join(map(str, moment.samples)))]
        return [words("label.epoch", number=moment.epoch), *names] if moment.epoch else names
    if samples == 1:
        return [words("label.pass", number=step.pass_number)]
    turn = ("label.epoch", moment.epoch) if moment.epoch else ("label.pass", step.pass_number)
    return [words(turn[0], number=turn[1]), words("label.sample", number=step.sample)]


def phase_name(step: Step, words: Catalogue) -> str:
    """The part of the walk that the step belongs to."""
    return words(f"phase.{step.phase.value if step.kind is not Kind.PASS else Phase.FORWARD.value}")
