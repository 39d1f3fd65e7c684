package swaks

import (
	"context"
	"slices"
	"sort"
	"strings"

	"smtpsh/engine"
)

func (t *transaction) earlyXclient(ctx context.Context) error {
	if !t.on("xclient-before-starttls") {
		return nil
	}
	return t.becomeClient(ctx)
}

func (t *transaction) lateXclient(ctx context.Context) error {
	if t.on("xclient-before-starttls") {
		return nil
	}
	return t.becomeClient(ctx)
}

// becomeClient sends XCLIENT and EHLO again.
func (t *transaction) becomeClient(ctx context.Context) error {
	done, err := t.sendXclient(ctx)
	if err != nil {
		return err
	}
	if err := t.stop("XCLIENT"); err != nil {
		return err
	}
	if err := t.dropSent("XCLIENT"); err != nil {
		return err
	}
	if done {
		if t.settings.sent == "XCLIENT-HELO" {
			return t.sayOnly(ctx, t.hello+" "+t.helo)
		}
		if err := t.greet(ctx, exitHeloX); err != nil {
			return err
		}
	}
	if err := t.dropSent("XCLIENT-HELO"); err != nil {
		return err
	}
	return t.stop("XCLIENT-HELO")
}

// xclientLine returns the command for a group of attributes.
func xclientLine(group []attribute) string {
	line := "XCLIENT"
	for _, a := range group {
		if a.key == "" {
			line += " " + a.value
		} else {
			line += " " + a.key + "=" + engine.Xtext(a.value)
		}
	}
	return line
}

// sendXclient sends the commands. It reports whether the server accepted all of them.
func (t *transaction) sendXclient(ctx context.Context) (bool, error) {
	if len(t.xclient) == 0 {
		return false, nil
	}
	problem := func(text string, tried bool) (bool, error) {
		if t.on("xclient-optional") || t.on("xclient-optional-strict") && !tried {
			t.problem(text)
			return false, nil
		}
		return false, fail(exitXclient, text)
	}
	if !t.session.Has("XCLIENT") {
		return problem("Host did not advertise XCLIENT", false)
	}
	var missing []string
	for _, group := range t.xclient {
		for _, a := range group {
			if a.key != "" && !t.on("xclient-no-verify") && !t.session.Capabilities().HasParam("XCLIENT", a.key) {
				missing = append(missing, a.key)
			}
		}
	}
	if len(missing) > 0 {
		sort.Strings(missing)
		return problem("Host did not advertise requested XCLIENT attributes ("+strings.Join(slices.Compact(missing), ", ")+")", false)
	}
	for _, group := range t.xclient {
		line := xclientLine(group)
		if t.settings.sent == "XCLIENT" {
			return false, t.sayOnly(ctx, line)
		}
		r, err := t.say(ctx, line)
		if err != nil {
			return false, err
		}
		ok := r.Code == 220
		t.got(r, t.shown(r), ok)
		if !ok {
			return problem("XCLIENT attempted but failed", true)
		}
	}
	return true, nil
}
