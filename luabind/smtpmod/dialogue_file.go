package smtpmod

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"strings"

	"smtpsh/internal/dialogue"
	"smtpsh/internal/readfile"
	"smtpsh/luabind"
)

// PlayFile plays a dialogue file. The error is a [*ScriptError], or the cause that
// ended the context.
func PlayFile(ctx context.Context, vm *luabind.VM, file string, src []byte) error {
	script, err := ParseDialogue(vm, file, src)
	if err != nil {
		return err
	}
	defer vm.Heed(ctx)()
	_, err = PlayScript(vm, ctx, script, luabind.NewScope(ctx, vm.Root()))
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// ParseDialogue reads a dialogue file. The error is a [*luabind.ScriptError].
func ParseDialogue(vm *luabind.VM, file string, src []byte) (*dialogue.Script, error) {
	vm.SetSource(file, src)
	script, err := dialogue.Parse(file, string(src))
	if err != nil {
		return nil, dialogueError(vm, err)
	}
	return script, nil
}

// PlayScript plays in a scope, which ends with it.
func PlayScript(vm *luabind.VM, ctx context.Context, script *dialogue.Script, scope *luabind.Scope) (int, error) {
	env := playEnv(vm, scope, "")
	env.Include = func(name string) (string, error) { return include(vm, script.Name, name) }
	_, err := script.Play(ctx, env)
	scope.End()
	if err == nil {
		return 0, nil
	}
	e := vm.Hush(dialogueError(vm, err))
	return e.Line, e
}

// maxInclude bounds a file that a dialogue includes, as a dialogue itself is.
const maxInclude = 4 << 20

// include reads a file beside a dialogue, and not outside its folder.
func include(vm *luabind.VM, from, name string) (string, error) {
	if vm.Options().Dir == "" {
		return "", errors.New("the dialogue is not in a folder")
	}
	root, err := os.OpenRoot(vm.Options().Dir)
	if err != nil {
		return "", err
	}
	defer root.Close()
	text, err := readfile.In(context.Background(), root, name, maxInclude)
	if err != nil {
		var pe *os.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return "", err
	}
	vm.Lock()
	vm.SetSource(path.Clean(name), text)
	vm.Unlock()
	return string(text), nil
}

// dialogueError gives a dialogue's errors the form of a script's.
func dialogueError(vm *luabind.VM, err error) *luabind.ScriptError {
	var (
		parse *dialogue.ParseError
		mis   *dialogue.Mismatch
		play  *dialogue.PlayError
	)
	switch {
	case errors.As(err, &parse):
		return &luabind.ScriptError{Name: parse.File, Line: parse.Line, Message: parse.Message, Source: parse.Source, Syntax: true,
			Value: &luabind.ErrorValue{Kind: "usage", Message: parse.Message, Hint: parse.Hint}}
	case errors.As(err, &mis):
		v := playFailure(err, nil).(*luabind.ErrorValue)
		v.What = ""
		v.Message = "want " + v.Want + ", got " + v.Got
		v.Untried = mis.Setup
		return &luabind.ScriptError{Name: mis.File, Line: mis.Line, Message: v.Message, Value: v, Source: vm.Source(mis.File, mis.Line), Frames: []luabind.Frame{{File: mis.File, Line: mis.Line}}}
	case errors.As(err, &play):
		v := playFailure(err, nil).(*luabind.ErrorValue)
		_, v.Message, _ = strings.Cut(v.Message, fmt.Sprintf("line %d: ", play.Line))
		v.Untried = play.Setup
		return &luabind.ScriptError{Name: play.File, Line: play.Line, Message: v.Message, Value: v, Source: vm.Source(play.File, play.Line), Frames: []luabind.Frame{{File: play.File, Line: play.Line}}}
	}
	return &luabind.ScriptError{Name: vm.Main(), Message: err.Error(), Cause: err}
}
