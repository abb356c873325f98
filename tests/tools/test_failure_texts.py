"""The readers of sources find what can reach a person, and what the callers print around it."""

from __future__ import annotations

from tools.failure_texts.composing import filled
from tools.failure_texts.found_text import FoundText, Severity
from tools.failure_texts.go_source import go_texts
from tools.failure_texts.python_source import python_texts

GO = """
package session

const notFound = "the node %s was not found" // fmt.Errorf("no comment counts")

var errClosed = errors.New("the channel is closed")

func Open(id string) error {
	if err := connect(id); err != nil {
		return fmt.Errorf("cannot open %s: %v", id, err)
	}
	return nil
}

func connect(id string) error {
	if id == "" {
		return errors.New("no " + "node ID")
	}
	response, err := dial(id)
	if err != nil {
		return err
	}
	log.Debugf("an error that nobody reads")
	return fmt.Errorf(notFound, id)
}

func dial(id string) (string, error) {
	return "", fmt.Errorf("connection to %s was refused", id)
}

func run() {
	err := Open("i-1")
	context.Log().Warnf("Session failed: %v", err)
	fmt.Fprintln(os.Stderr, "Cannot start")
}
"""


def test_a_go_text_has_the_texts_that_its_callers_print_around_it() -> None:
    frame = "Session failed: cannot open %s: %w"
    assert list(go_texts({"session.go": GO})) == [
        FoundText("session.go", Severity.RETURNED, "cannot open %s: %w", "Session failed: %w"),
        FoundText("session.go", Severity.RETURNED, "no node ID", frame),
        FoundText("session.go", Severity.RETURNED, "the node %s was not found", frame),
        FoundText("session.go", Severity.RETURNED, "connection to %s was refused", frame),
        FoundText("session.go", Severity.WARNING, "Session failed: %w"),
        FoundText("session.go", Severity.PRINTED, "Cannot start"),
        FoundText("session.go", Severity.RETURNED, "the channel is closed"),
    ]


PYTHON = """
class NoRegionError(Exception):
    fmt = "You must specify a region."

def call(name):
    logger.debug("Calling %s", name)
    logger.warning("Retrying %s after a failure", name)
    if not name:
        raise ValueError(f"Unknown operation: {name}")
    sys.stderr.write("Cannot call {}".format(name))
"""


def test_a_python_text_is_the_message_of_an_exception_a_log_line_or_what_is_printed() -> None:
    assert set(python_texts({"call.py": PYTHON})) == {
        FoundText("call.py", Severity.EXCEPTION, "You must specify a region."),
        FoundText("call.py", Severity.WARNING, "Retrying %s after a failure"),
        FoundText("call.py", Severity.EXCEPTION, "Unknown operation: {name}"),
        FoundText("call.py", Severity.PRINTED, "Cannot call {}"),
    }


def test_a_hole_is_filled_with_a_value_that_the_words_around_it_fit() -> None:
    assert filled("no endpoint in region %s: %w", "EOF") == "no endpoint in region eu-west-3: EOF"
    assert filled("failed after %d of 100%%") == "failed after 5 of 100%"
