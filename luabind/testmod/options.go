package testmod

import (
	"time"

	"smtpsh/internal/testrun"
	"smtpsh/luabind"
)

// testOptions are the options of it and describe; those of a describe apply to everything
// in it.
type testOptions struct {
	tags    []string
	timeout time.Duration
	retry   int
	skip    string
	only    bool
	// onRequest is the reason why some tests run only on request.
	onRequest string
	exec      bool
	level     testrun.Level
	clause    string
}

var testOpts = luabind.Class{
	Name: "smtp.TestOpts", Doc: "Options of it and describe. Options of a describe apply to all tests in it.",
	Keys: []luabind.Param{
		{Name: "tags", Type: "string|string[]", Optional: true, Doc: "Tags to select tests; #word in a name is also a tag."},
		{Name: "timeout", Type: "number|string", Optional: true, Doc: "Time limit for each test with its hooks: seconds or \"90s\"."},
		{Name: "retry", Type: "integer", Optional: true, Doc: "How often to repeat a failed test."},
		{Name: "skip", Type: "boolean|string", Optional: true, Doc: "true, or the reason for skipping it."},
		{
			Name: "level", Type: `"must"|"should"|"advice"`, Optional: true,
			Doc: "Level of the rule. A violated should or advice is a warning, unless --fail-on sets a lower level. It is shown with the name.",
		},
		{
			Name: "clause", Type: "string", Optional: true,
			Doc: "Source of the rule, such as \"RFC 5321 section 4.1.1.5\". It is shown with the name.",
		},
		{Name: "only", Type: "boolean", Optional: true, Doc: "true runs only such tests, while you work on a test."},
		{
			Name: "on_request", Type: "boolean|string", Optional: true,
			Doc: "true, or the reason: the test runs only if it is selected by one of its own tags (--tags), its exact name or " +
				"its line. Otherwise reports list it as not run.",
		},
		{Name: "exec", Type: "boolean", Optional: true, Doc: "true lets the test start programs with exec.start."},
	},
}
