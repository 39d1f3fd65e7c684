package repl

import (
	"context"
	"errors"
	"strings"

	"smtpsh/engine/reply"
	"smtpsh/internal/dialer"
	"smtpsh/internal/explain"
	"smtpsh/internal/lessons"
	"smtpsh/internal/sandbox"
	"smtpsh/luabind/lessonmod"
)

func lessonCommands() []Command {
	return []Command{
		{
			Names: []string{"lesson"}, Group: "lesson", Args: []Arg{{Name: "LESSON|next|list", Kind: Lesson, Optional: true}},
			Summary: "show the goal of the lesson, or begin another lesson",
			Detail: "Without an argument it shows the goal again. A number, name or file begins that lesson. next begins the " +
				"next lesson of the course; list shows the course.",
			Example: ":lesson list\n:lesson first-hello\n:lesson",
			run:     func(ctx context.Context, r *REPL, args []string) error { return r.lessonCommand(ctx, args) },
		},
		{
			Names: []string{"hint"}, Group: "lesson",
			Summary: "show a hint for this step of the lesson",
			Detail:  "Each call shows the next hint. The last hint usually shows the answer.",
			Example: ":lesson 1\n:hint",
			run: func(_ context.Context, r *REPL, _ []string) error {
				c, err := r.lesson.current()
				if err == nil {
					r.screen.print(explain.Indent("?  ", c.Hint()))
				}
				return err
			},
		},
		{
			Names: []string{"answer", "a"}, Group: "lesson", Args: []Arg{{Name: "TEXT", Kind: Rest}},
			Summary: "answer the question of a lesson",
			Detail:  "Some goals are questions; answer them with :answer.",
			Example: ":lesson 15\n:answer something",
			run: func(_ context.Context, r *REPL, args []string) error {
				c, err := r.lesson.current()
				if err == nil && !c.Asks() {
					return wrong(":lesson shows the goal again", "this step is not a question")
				}
				r.lesson.answer = args[0]
				return err
			},
		},
		{
			Names: []string{"skip"}, Group: "lesson",
			Summary: "skip this step of the lesson",
			Detail:  "The lesson continues with its next step, and does not count as finished.",
			Example: ":lesson 1\n:skip",
			run: func(_ context.Context, r *REPL, _ []string) error {
				c, err := r.lesson.current()
				if err != nil {
					return err
				}
				c.Skip()
				if c.Finished() {
					r.endOfLesson(lessons.Verdict{Finished: true})
					return nil
				}
				r.goal()
				return nil
			},
		},
	}
}

// lessonState is the current lesson, and what has happened in its current step.
type lessonState struct {
	course    *lessons.Course // nil before the first lesson
	answer    string          // to the question of the step
	replies   []*reply.Reply  // since the last line
	justBegun bool            // by the current line
}

// maxReplies is the largest number of replies that are kept for a step.
const maxReplies = 200

// addReply keeps a reply for the check of the step.
func (ls *lessonState) addReply(rep *reply.Reply) {
	ls.replies = append(ls.replies, rep)
	if len(ls.replies) > maxReplies {
		ls.replies = ls.replies[len(ls.replies)-maxReplies/2:]
	}
}

// underWay reports whether a lesson has begun and is not finished.
func (ls *lessonState) underWay() bool { return ls.course != nil && !ls.course.Finished() }

// current returns the lesson that is not finished; its error says that there is none.
func (ls *lessonState) current() (*lessons.Course, error) {
	if !ls.underWay() {
		return nil, wrong(":lesson list shows the course, :lesson next begins a lesson", "no lesson is active")
	}
	return ls.course, nil
}

func (r *REPL) lessonCommand(ctx context.Context, args []string) error {
	school := r.opts.School
	switch {
	case len(args) == 0:
		if _, err := r.lesson.current(); err != nil {
			return err
		}
		r.goal()
		return nil
	case school == nil:
		return wrong("run smtpsh learn", "the course is not available here")
	case args[0] == "list":
		r.screen.page(school.List())
		return nil
	}
	what := args[0]
	if what == "next" {
		after := 0
		if r.lesson.course != nil {
			after = r.lesson.course.Entry.Number
		}
		if what = school.Next(after); what == "" {
			r.screen.say("*  every lesson is finished; :lesson NAME repeats one")
			return nil
		}
	}
	c, err := school.Open(ctx, what)
	if err != nil {
		return lessonError(err)
	}
	return r.beginLesson(ctx, c)
}

// lessonError turns an error of a lesson into an InputError with a hint.
func lessonError(err error) error {
	if errors.Is(err, lessons.ErrNoLesson) {
		return wrong(":lesson list shows the lessons; for a file of your own write its path", "%v", err)
	}
	return wrong("", "%v", err)
}

// beginLesson prints the introduction of a lesson and opens a session to its server.
func (r *REPL) beginLesson(ctx context.Context, c *lessons.Course) error {
	if old := r.lesson.course; old != nil {
		if r.lesson.underWay() && old.Entry.Number != c.Entry.Number {
			r.screen.say("*  %s ends here; it begins again with its first step", old.Title())
		}
		old.Close()
	}
	r.lesson.course, r.lesson.replies = c, nil
	r.lesson.justBegun = true
	r.sessions.current.leave(ctx)
	r.screen.print("\n" + r.screen.bold(c.Title()) + "\n\n" + paragraphs("  ", c.Lesson.About) + "\n")
	r.opts.Dialer.Fresh(c.Lesson.Server)
	box, err := r.opts.Dialer.ServerOf(c.Lesson.Server)
	if err != nil {
		return lessonError(err)
	}
	if box != nil {
		if err := c.Lesson.Setup(ctx, box); err != nil {
			return lessonError(err)
		}
	}
	if err := r.connect(ctx, c.Lesson.Server, r.sessions.current, nil); err != nil {
		return err
	}
	r.lesson.replies = nil
	c.Begin(box)
	r.goal()
	return nil
}

// goal prints the goal of the current step.
func (r *REPL) goal() {
	c := r.lesson.course
	out := paragraphs("-> ", c.Goal())
	if r.settings.show.Color {
		out = r.screen.bold(strings.TrimSuffix(out, "\n")) + "\n"
	}
	how := ":hint helps"
	if c.Asks() {
		how = ":answer TEXT answers, :hint helps"
	}
	r.screen.print(out + "   (" + c.Step() + "; " + how + ")\n")
}

// check checks whether a line has reached the goal of the current step.
func (r *REPL) check(ctx context.Context, text string) error {
	if !r.lesson.underWay() {
		return nil
	}
	if t := strings.TrimSpace(text); t == "" || strings.HasPrefix(t, "#") && !r.in.Terminal() {
		return nil
	}
	if r.lesson.justBegun { // this line began the lesson
		r.lesson.justBegun = false
		return nil
	}
	state := lessonmod.At{Line: text, Answer: r.lesson.answer, Server: r.box()}
	r.lesson.answer = ""
	if r.sessions.current != nil && r.sessions.current.smtp != nil {
		state.Session = r.sessions.current.lua
	}
	if r.sessions.current != nil {
		state.Target = r.sessions.current.target
	}
	r.mu.Lock()
	replies := r.lesson.replies
	r.lesson.replies = nil
	r.mu.Unlock()
	ctx, stop := r.in.interruptible(ctx)
	defer stop()
	v, err := r.lesson.course.Check(ctx, state, replies)
	if err != nil {
		return wrong("", "the lesson has an error: %v", err)
	}
	if v.Remark != "" && (len(replies) > 0 || state.Answer != "") {
		r.screen.print(explain.Indent("?  ", v.Remark))
	}
	if !v.Reached {
		return nil
	}
	r.screen.print(paragraphs("+  ", or(v.Well, "Right.")))
	if v.Finished {
		r.endOfLesson(v)
	} else {
		r.goal()
	}
	if v.Unkept != nil {
		return wrong("repair or delete the file; smtpsh learn --list shows the stored progress", "cannot store your progress: %v", v.Unkept)
	}
	return nil
}

// paragraphs wraps a text of a lesson and puts a mark before it.
func paragraphs(mark, text string) string {
	out := ""
	for i, p := range lessons.Paragraphs(text) {
		if i > 0 {
			out += "\n"
			mark = strings.Repeat(" ", len(mark))
		}
		out += explain.Indent(mark, p)
	}
	return out
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// box returns the built-in server of the current session, nil for another server.
func (r *REPL) box() *sandbox.Server {
	if r.sessions.current == nil {
		return nil
	}
	t, err := dialer.ParseTarget(r.sessions.current.target)
	if err != nil || !t.BuiltIn() {
		return nil
	}
	srv, _ := r.opts.Dialer.Running(t.Profile)
	return srv
}

// endOfLesson prints what the lesson means in practice, and what comes next.
func (r *REPL) endOfLesson(v lessons.Verdict) {
	out := "\n" + paragraphs("  ", r.lesson.course.Lesson.Meaning)
	end := "Finished."
	switch {
	case r.lesson.course.Skipped() && r.lesson.course.Done():
		end = "End of the lesson. You skipped steps this time, but you had finished it before, and it still counts."
	case r.lesson.course.Skipped():
		end = "End of the lesson. You skipped steps, so it does not count as finished."
	}
	switch {
	case v.Next != "":
		end += " :lesson next begins " + v.Next + "."
		if c := r.sessions.current; c != nil && c.usable() {
			end += " You can also try more in this session."
		} else {
			end += " To try more, use :reconnect."
		}
	case v.Reached && r.lesson.course.Entry.Number > 0 && r.lesson.course.Done():
		end += " That was the last lesson: you have finished the course."
	}
	r.screen.print(out + "\n" + explain.Indent("  ", end))
}
