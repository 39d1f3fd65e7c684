package sandbox

// GmailPeriods has the years of the gmail profiles.
var GmailPeriods = gmailPeriods

// GmailCSV has the recorded replies.
var GmailCSV = gmailCSV

// GmailText returns the reply of a profile for a key.
func (p *Profile) GmailText(key string) (string, bool) {
	s, ok := p.table.find(key)
	return s.Reply, ok
}

// ConnCost is the memory of a connection in bytes.
const ConnCost = connCost

// TLSCost is the memory of TLS on a connection in bytes.
const TLSCost = tlsCost

// Used returns the bytes of memory and of temporary files in use.
func (s *Server) Used() (memory, disk int64) { return s.memory.used.Load(), s.disk.used.Load() }
