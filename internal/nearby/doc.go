// Package nearby finds the sandboxes that this user runs on this machine. Each sandbox
// writes a [Record] into a folder of the user: its addresses, its certificate authority
// (CA), and a sender and a recipient that it accepts. A session to one of its loopback
// addresses trusts its CA. Begin with [Announce] and [Finder].
//
// A record is ignored unless the folder and the file belong to this user and no other user
// can write to them. It is also ignored if its sandbox has ended: a running sandbox holds a
// lock on its record. The key of the CA stays in the memory of the sandbox, so a record of
// an ended sandbox cannot be misused.
package nearby
