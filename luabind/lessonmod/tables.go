package lessonmod

import "smtpsh/luabind"

var lessonOpts = luabind.Class{
	Name: "smtp.Lesson", Doc: "A lesson of smtpsh learn.",
	Keys: []luabind.Param{
		{Name: "title", Type: "string", Doc: "Title in the list of lessons."},
		{Name: "about", Type: "string", Doc: "Text before the first step; blank lines separate paragraphs."},
		{Name: "server", Type: "string", Optional: true, Doc: "Target to connect to (default: sandbox:plain)."},
		{
			Name: "setup", Type: "fun(server: smtp.Server)", Optional: true,
			Doc: "Called with the built-in server before the lesson begins, to add rules and messages.",
		},
		{Name: "steps", Type: "table", Doc: "List of steps, each a smtp.Step."},
		{Name: "meaning", Type: "string", Doc: "Closing text: what the learner achieved and why it matters in practice."},
	},
}

var stepOpts = luabind.Class{
	Name: "smtp.Step", Doc: "A step of a lesson.",
	Keys: []luabind.Param{
		{Name: "goal", Type: "string", Doc: "Goal of the step, one sentence."},
		{Name: "hints", Type: "string[]", Doc: "Hints; each :hint shows the next one. The last may show the solution."},
		{
			Name: "done", Type: "fun(at: smtp.At): any", Optional: true,
			Doc: "Called with a smtp.At after every line; returns true when the goal is reached.",
		},
		{
			Name: "answer", Type: "string|string[]", Optional: true,
			Doc: "Makes the goal a question: the right argument of :answer, or a list of them. Case does not matter.",
		},
		{Name: "exact", Type: "boolean", Optional: true, Doc: "True if the answer is case-sensitive."},
		{
			Name: "remark", Type: "fun(at: smtp.At): string?", Optional: true,
			Doc: "Called with a smtp.At after a line that does not reach the goal; a returned string is shown.",
		},
		{Name: "well", Type: "string", Optional: true, Doc: "Text to show when the goal is reached."},
		{Name: "play", Type: "string", Doc: "Lines that reach the goal, for smtpsh learn --check."},
		{Name: "wrong", Type: "string", Optional: true, Doc: "Lines that must not reach the goal, for smtpsh learn --check; played before play."},
	},
}

var atOpts = luabind.Class{
	Name: "smtp.At", Doc: "State of the lesson, as the checks of a step see it.",
	Keys: []luabind.Param{
		{Name: "s", Type: "smtp.Session", Optional: true, Doc: "The session, nil without one."},
		{Name: "target", Type: "string", Doc: "Target of the session, such as sandbox:plain."},
		{Name: "from", Type: "string", Optional: true, Doc: "Accepted reverse-path, nil when no transaction is open."},
		{Name: "rcpts", Type: "string[]", Optional: true, Doc: "Accepted recipients, nil when no transaction is open."},
		{Name: "server", Type: "smtp.Server", Optional: true, Doc: "The built-in server."},
		{Name: "messages", Type: "smtp.Received[]", Doc: "Messages that the server has accepted, the oldest first."},
		{Name: "arrived", Type: "smtp.Received[]", Doc: "Messages that the server has accepted since the step began."},
		{Name: "line", Type: "string", Doc: "Last typed line."},
		{Name: "said", Type: "string[]", Doc: "Lines typed since the step began."},
		{Name: "reply", Type: "smtp.Reply", Optional: true, Doc: "The latest reply since the step began."},
		{Name: "replies", Type: "smtp.Reply[]", Doc: "The replies since the step began."},
		{Name: "fresh", Type: "smtp.Reply[]", Doc: "Replies to the last line."},
		{Name: "answer", Type: "string", Optional: true, Doc: "Argument of :answer."},
	},
}

var lessonFuncs = []luabind.Func{{
	Name: "lesson", Params: []luabind.Param{{Name: "lesson", Type: lessonOpts.Name, Doc: "The lesson."}},
	Doc: "Defines a lesson for smtpsh learn. A lesson file must call it once. In other scripts it only checks its argument.",
	Example: `lesson{title = "NOOP", about = "Servers answer NOOP.", meaning = "Programs keep connections open with NOOP.",
  steps = {{
    goal = "Send NOOP.", hints = {"NOOP"}, play = "NOOP",
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
