package secret

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Kind is a kind of source, with its @.
type Kind string

// The kinds of sources.
const (
	Prompt  Kind = "@prompt"
	Env     Kind = "@env"
	File    Kind = "@file"
	Program Kind = "@cmd"
	Netrc   Kind = "@netrc"
)

// kinds is the table of sources, each with the text after its colon; "" for none.
var kinds = []struct {
	kind Kind
	arg  string
}{
	{Prompt, ""},
	{Env, "X"},
	{File, "PATH"},
	{Program, "COMMAND"},
	{Netrc, "HOST"},
}

// Source is the place to read a secret from.
type Source struct {
	Kind Kind
	Arg  string // what follows the colon
}

// ErrSource is wrapped by the errors for a text that is not a valid source.
var ErrSource = errors.New("the value must be " + Usage())

// Usage names all sources, for texts: "@prompt, @env:X, @file:PATH, @cmd:COMMAND or
// @netrc:HOST".
func Usage() string {
	all := Forms()
	last := len(all) - 1
	return strings.Join(all[:last], ", ") + " or " + all[last]
}

// Forms returns how each source is written.
func Forms() []string {
	var all []string
	for _, k := range kinds {
		form := string(k.kind)
		if k.arg != "" {
			form += ":" + k.arg
		}
		all = append(all, form)
	}
	return all
}

// Words returns the beginning of each source, for completion.
func Words() []string {
	var all []string
	for _, k := range kinds {
		word := string(k.kind)
		if k.arg != "" {
			word += ":"
		}
		all = append(all, word)
	}
	return all
}

// Parse parses a source such as "@env:NAME". Its error wraps [ErrSource] and does not
// repeat the text, which can be the secret itself.
func Parse(text string) (Source, error) {
	word, arg, _ := strings.Cut(text, ":")
	for _, k := range kinds {
		switch {
		case word != string(k.kind):
		case k.arg != "" && arg == "":
			return Source{}, fmt.Errorf("%w: %s requires a value after its colon", ErrSource, k.kind)
		default:
			return Source{Kind: k.kind, Arg: arg}, nil
		}
	}
	return Source{}, ErrSource
}

// String returns the source as it is written.
func (s Source) String() string {
	if s.Arg == "" {
		return string(s.Kind)
	}
	return string(s.Kind) + ":" + s.Arg
}

// Reader reads a secret. name is the name of the secret; arg is the text after the
// colon of its source.
type Reader func(ctx context.Context, name, arg string) (string, error)

// Readers has a reader for each kind that a program can read.
type Readers map[Kind]Reader

// Read reads the secret called name. It returns an error that wraps [ErrSource] if
// there is no reader for its kind; otherwise it returns the reader's errors.
func (r Readers) Read(ctx context.Context, name string, s Source) (string, error) {
	read := r[s.Kind]
	if read == nil {
		return "", fmt.Errorf("%s cannot be read here: %w", s.Kind, ErrSource)
	}
	return read(ctx, name, s.Arg)
}
