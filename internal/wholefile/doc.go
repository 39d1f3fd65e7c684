// Package wholefile writes files that are there whole or not at all: a full disk or
// an interruption leaves what stood there before, and never half of something new.
//
// Each name is one of two kinds, and the caller decides which:
//
//   - The user's own choice, such as that of --report-json FILE. [Replace], [Create] and
//     [Append] follow a link there, and write into a pipe or a device.
//   - A name that is the program's, in a folder that somebody else may have prepared, such
//     as smtpsh-out in a folder of tests. A [Folder] follows no link, leads nowhere else,
//     and writes over nothing that the program has not made.
package wholefile
