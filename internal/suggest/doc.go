// Package suggest has what helps a person on who has made a mistake: the name that was meant,
// and whether a hint says anything that the error has not said.
package suggest
