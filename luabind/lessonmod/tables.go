package lessonmod

import "smtpsh/luabind"

var lessonOpts = luabind.Class{
	Name: "smtp.Lesson", Doc: "A lesson of smtpsh learn.",
	Keys: []luabind.Param{
		{Name: "title", Type: "string", Doc: "What the list calls it."},
		{Name: "about", Type: "string", Doc: "A paragraph before the first step; blank lines part paragraphs."},
		{Name: "server", Type: "string", Optional: true, Doc: "The target that it is run on; sandbox:plain by default."},
		{
			Name: "setup", Type: "fun(server: smtp.Server)", Optional: true,
			Doc: "Called with the built-in server before the lesson begins: for rules and messages.",
		},
		{Name: "steps", Type: "table", Doc: "The steps, each a smtp.Step."},
		{Name: "meaning", Type: "string", Doc: "The closing paragraph: what this means in the real world."},
	},
}

var stepOpts = luabind.Class{
	Name: "smtp.Step", Doc: "One thing to achieve in a lesson.",
	Keys: []luabind.Param{
		{Name: "goal", Type: "string", Doc: "What to achieve."},
		{Name: "hints", Type: "string[]", Doc: "Hints, one for each :hint; the last may give it away."},
		{
			Name: "done", Type: "fun(at: smtp.At): any", Optional: true,
			Doc: "Called with a smtp.At after every line; true when the goal is reached.",
		},
		{
			Name: "answer", Type: "string|string[]", Optional: true,
			Doc: "Makes the goal a question: what :answer must say, in any case; several forms are allowed.",
		},
		{Name: "exact", Type: "boolean", Optional: true, Doc: "Capital and small letters of the answer count."},
		{
			Name: "remark", Type: "fun(at: smtp.At): string?", Optional: true,
			Doc: "Called with a smtp.At when the goal is not reached; a string that it returns is shown.",
		},
		{Name: "well", Type: "string", Optional: true, Doc: "A paragraph when the goal is reached."},
		{Name: "play", Type: "string", Doc: "Lines that reach the goal, for the test that plays the lesson."},
		{Name: "wrong", Type: "string", Optional: true, Doc: "Lines that do not reach it, played before: a wrong answer."},
	},
}

var atOpts = luabind.Class{
	Name: "smtp.At", Doc: "Where the learner stands, as the checks of a lesson see it.",
	Keys: []luabind.Param{
		{Name: "s", Type: "smtp.Session", Optional: true, Doc: "The session, nil when there is none."},
		{Name: "target", Type: "string", Doc: "What the session was opened with, such as sandbox:plain."},
		{Name: "from", Type: "string", Optional: true, Doc: "The reverse-path that the server has accepted, nil when no transaction is open."},
		{Name: "rcpts", Type: "string[]", Optional: true, Doc: "The recipients that it has accepted, nil when no transaction is open."},
		{Name: "server", Type: "smtp.Server", Optional: true, Doc: "The built-in server."},
		{Name: "messages", Type: "smtp.Received[]", Doc: "What it has accepted, the oldest first."},
		{Name: "arrived", Type: "smtp.Received[]", Doc: "What it has accepted since the step began."},
		{Name: "line", Type: "string", Doc: "What was typed last."},
		{Name: "said", Type: "string[]", Doc: "What was typed since the step began."},
		{Name: "reply", Type: "smtp.Reply", Optional: true, Doc: "The latest reply since the step began."},
		{Name: "replies", Type: "smtp.Reply[]", Doc: "The replies since the step began."},
		{Name: "fresh", Type: "smtp.Reply[]", Doc: "The replies that the last line brought."},
		{Name: "answer", Type: "string", Optional: true, Doc: "What was said to :answer."},
	},
}

var lessonFuncs = []luabind.Func{{
	Name: "lesson", Params: []luabind.Param{{Name: "lesson", Type: lessonOpts.Name, Doc: "The lesson."}},
	Doc: "Defines a lesson for smtpsh learn. A file has one. Elsewhere it is only checked.",
	Example: `lesson{title = "A sign of life", about = "Servers answer NOOP.", meaning = "Programs keep connections alive with it.",
  steps = {{
    goal = "Get a sign of life.", hints = {"NOOP"}, play = "NOOP",
    done = function(at) return at.reply and at.reply.cmd == "NOOP" and at.reply.ok end,
  }}}`,
	Call: func(c *luabind.Call) error {
		l, err := readLesson(c.VM, c.Table(0))
		if err != nil {
			return err
		}
		if state := luabind.State[*lessonState](c.VM); state.reading {
			state.found = append(state.found, l)
		}
		return nil
	},
}}
