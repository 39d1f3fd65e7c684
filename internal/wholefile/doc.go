// Package wholefile writes files that are either complete or unchanged. After a full disk or
// an interruption the old file is still there, never half of a new one.
//
// A name is of one of two kinds, and the caller decides which:
//
//   - A name that the user chose, such as that of --report-json FILE. [Replace], [Create] and
//     [Append] follow a link there, and write into a pipe or a device.
//   - A name of the program in a folder that another user can have prepared, such as
//     smtpsh-out in a folder of tests. A [Folder] follows no link, never leads to another
//     folder, and overwrites only files that the program has made.
package wholefile
