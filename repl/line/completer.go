package line

import (
	"strings"
	"unicode/utf8"
)

// completer adapts a Complete to readline. It omits candidates that are not ASCII or are
// wider than the screen, because readline panics when it draws them.
func completer(complete Complete, width func() int, print func(string), folds *folds) *adapter {
	return &adapter{complete, width, print, folds}
}

type adapter struct {
	complete Complete
	width    func() int
	print    func(string)
	folds    *folds
}

// Do implements readline.AutoCompleter. It returns the endings of the word at the cursor.
func (a *adapter) Do(text []rune, pos int) (endings [][]rune, length int) {
	defer func() {
		if recover() != nil {
			endings, length = nil, 0 // the prompt must survive a panic in completion
		}
	}()
	if a.complete == nil {
		return nil, 0
	}
	before := a.folds.expand(text[:pos])
	p := a.complete(before)
	if p.Note != "" {
		a.print(p.Note)
	}
	typed := before[len(before)-p.Word:]
	if n := utf8.RuneCountInString(typed); n > pos || a.folds.expand(text[pos-n:pos]) != typed {
		return nil, 0 // a part of the word is folded
	}
	for _, c := range p.Candidates {
		if len(c) < len(typed) || !strings.EqualFold(c[:len(typed)], typed) || len(c) > a.width()-2 || !ascii(c) {
			continue
		}
		endings = append(endings, []rune(c[len(typed):]))
	}
	return endings, len([]rune(typed))
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] >= 0x7f {
			return false
		}
	}
	return true
}
