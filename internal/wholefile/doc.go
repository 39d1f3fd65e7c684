// Package wholefile writes files that are there whole or not at all: a full disk or
// an interruption leaves what stood there before, and never half of something new.
package wholefile
