// Package line reads lines from a person at a terminal, or from a pipe.
//
// A terminal is read with chzyer/readline, which this package alone imports. On
// its own that library reads ahead, loses keys to prompts of other programs,
// hangs on Close, takes NUL for the end of input, and prints into the line being
// edited; so it never sees the terminal directly. It reads from a [keys], which
// touches the terminal only while a line is wanted, one byte at a time and no further than
// the line or the paste that it is in, and which
// can be woken to print what arrived meanwhile.
//
// It also draws the whole line for every key. So a text that arrives at once, as a paste
// does, reaches it as one character, and of a long line only parts are in its buffer: see
// [folds]. Between the brackets of a paste nothing is a key, and what cannot be shown stands
// in the buffer as one character, too.
//
// Anything that is not a terminal is read plainly, any bytes, any length up to a
// limit.
package line
