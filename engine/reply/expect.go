package reply

// UnexpectedError is the error of [Reply.Expect]: a reply that does not meet a condition.
type UnexpectedError struct {
	Want Want   // the condition
	Got  *Reply // the reply; nil if there was none
}

// Error returns the condition and the reply on one line.
func (e *UnexpectedError) Error() string {
	if e.Got == nil {
		return "expected " + e.Want.String() + ", got no reply"
	}
	return "expected " + e.Want.String() + ", got " + e.Got.String()
}

// Expect returns nil if the reply meets the condition, which is in the notation of
// [ParseWant], such as "250", "2xx" or "550 5.7.1". Otherwise it returns an
// [*UnexpectedError], or the error of ParseWant if it cannot read the condition. A nil
// reply meets no condition.
func (r *Reply) Expect(want string) error {
	w, err := ParseWant(want)
	if err != nil {
		return err
	}
	if r == nil || !w.Match(r) {
		return &UnexpectedError{Want: w, Got: r}
	}
	return nil
}
