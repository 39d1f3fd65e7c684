package suggest

import "sort"

// Name returns the known name that is nearest to a misspelled one; "" if none is near
// enough.
func Name(name string, known []string) string {
	best, at := "", len(name)/2+1
	if at > 3 {
		at = 3
	}
	sort.Strings(known)
	for _, k := range known {
		if len(k)-len(name) > at || len(name)-len(k) > at { // a long name would take minutes
			continue
		}
		// of equally near names, the one with the same beginning
		if d := Distance(name, k); d < at || d == at && best != "" && common(name, k) > common(name, best) {
			best, at = k, d
		}
	}
	if best == "" { // username for user, pass for password
		for _, k := range known {
			if short := min(len(k), len(name)); short >= 4 && common(name, k) == short && short > common(name, best) {
				best = k
			}
		}
	}
	return best
}

// common returns the number of equal letters at the beginning of two names.
func common(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// DidYouMean returns the end of an error text.
func DidYouMean(name string, known []string) string {
	if s := Name(name, known); s != "" {
		return "; did you mean " + s + "?"
	}
	return ""
}

// Distance returns the number of insertions, deletions, changes and swaps of adjacent
// letters between two names.
func Distance(a, b string) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}
