package testmod

import (
	"time"

	"smtpsh/internal/testrun"
	"smtpsh/luabind"
)

// testOptions are the options of it and describe; a describe's go for all in it.
type testOptions struct {
	tags    []string
	timeout time.Duration
	retry   int
	skip    string
	only    bool
	// onRequest is why tests run only when they are asked for.
	onRequest string
	exec      bool
	level     testrun.Level
	clause    string
}

var testOpts = luabind.Class{
	Name: "smtp.TestOpts", Doc: "Options of it and describe; those of a describe go for all tests in it.",
	Keys: []luabind.Param{
		{Name: "tags", Type: "string|string[]", Optional: true, Doc: "Tags to choose tests by; #word in a name is a tag too."},
		{Name: "timeout", Type: "number|string", Optional: true, Doc: "How long each test may take, hooks included: seconds or \"90s\"."},
		{Name: "retry", Type: "integer", Optional: true, Doc: "How often a failed test is tried again."},
		{Name: "skip", Type: "boolean|string", Optional: true, Doc: "true, or the reason why it is skipped."},
		{
			Name: "level", Type: `"must"|"should"|"advice"`, Optional: true,
			Doc: "How binding the rule is: a violation of should and advice is a warning, unless --fail-on says otherwise. It is shown with " +
				"the name.",
		},
		{
			Name: "clause", Type: "string", Optional: true,
			Doc: "Where the rule stands, such as \"RFC 5321 section 4.1.1.5\". It is shown with the name.",
		},
		{Name: "only", Type: "boolean", Optional: true, Doc: "true runs only such tests; for work at a single one."},
		{
			Name: "on_request", Type: "boolean|string", Optional: true,
			Doc: "true, or the reason: the test runs only when it is asked for by one of its own tags (--tags), its exact name or its place. " +
				"Otherwise reports name it as not run.",
		},
		{Name: "exec", Type: "boolean", Optional: true, Doc: "true lets the test start programs with exec.start."},
	},
}
