// Package line reads lines from a person at a terminal, or from a pipe.
//
// [NewTerminal] and [NewPiped] return a [Reader]. A terminal is read with
// chzyer/readline, which only this package imports. That library reads ahead, loses keys
// to prompts of other programs, hangs on Close, treats NUL as the end of input, and prints
// into the line being edited. Therefore it does not read the terminal itself, but a
// [keys]. keys reads the terminal only while ReadLine runs, one byte at a time, and not
// beyond the current line or paste. It can be woken to print what has arrived.
//
// readline also draws the whole line for every key. Therefore a paste reaches readline as
// one character, and only parts of a long line are in its buffer: see [folds]. Inside a
// bracketed paste no byte is a key. A character that cannot be shown is replaced in the
// buffer by another one.
//
// Input that is not a terminal is read as lines of any bytes, up to [MaxLine] bytes each.
package line
