package hostile_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// mutant takes one protection out of the program; the tests that promise it must
// then fail.
type mutant struct {
	promise  string
	file     string
	old, new string
	pkg, run string
}

var mutants = []mutant{
	{"a line of a reply is bounded", "engine/wire/reader.go", "if end-from > r.limits.Line {", "if false && end-from > r.limits.Line {", "./engine/wire", "."},
	{"every wait has a limit", "engine/deadline.go", "\ts.setDeadline(d, t)\n", "\t_ = t\n", "./engine", "TestBadServers$"},
	{"what is too long is not sent", "engine/address.go", "case at > maxLocalPart:", "case at > maxLocalPart*10:", "./engine", "TooLong"},
	{"a command line that is too long is not sent", "engine/length.go", "if n <= limit {", "if true {", "./engine", "CommandLinesThatAreTooLong"},
	{"a text line that is too long is not sent", "engine/length.go", "len(b)-at > most-open {", "false && len(b)-at > most-open {", "./engine", "TextLines"},
	{"credentials of a log stay out of its test", "internal/dialogue/hide.go", "return engine.SecretLines().Mask(line)", "return line", "./internal/dialogue", "Credentials"},
	{"a reply is bounded", "engine/wire/reader.go", "if end > r.limits.Reply {", "if false && end > r.limits.Reply {", "./engine/wire", "."},
	{"plaintext behind STARTTLS is refused", "engine/starttls.go", "if len(extra) == 0 {", "if true || len(extra) == 0 {", "./engine", "."},
	{"certificates are verified", "engine/starttls.go", "if o.Insecure {", "if true || o.Insecure {", "./engine", "."},
	{"TLS below 1.2 is refused", "engine/starttls.go", "cfg.MinVersion = tls.VersionTLS12", "cfg.MinVersion = tls.VersionTLS10", "./engine", "."},
	{"capabilities from before TLS are forgotten", "engine/starttls.go", "s.caps, s.hello = nil, \"\"", "s.hello = \"\"", "./engine", "."},
	{"no password goes out in the clear", "engine/auth.go", "case s.tls == nil:", "case false:", "./engine", "."},
	{"CR, LF and NUL do not leave by a verb", "engine/address.go", "if i := strings.IndexAny(s, \"\\r\\n\\x00\"); i >= 0 {", "if i := strings.IndexAny(s, \"\\r\\n\\x00\"); i >= 1000000 {", "./engine", "."},
	{"what nobody asked for is no answer", "engine/unasked.go", "if len(s.reader.Buffered()) > 0 {\n\t\treturn true\n\t}", "if true {\n\t\treturn false\n\t}", "./engine", "."},
	{"a refusal is not hidden by mixed codes", "engine/reply/reply.go", "if code/100 >= r.Code/100 {", "if true {", "./engine/reply", "."},
	{"an unknown fate is told as unknown", "engine/errors.go", "unknown.Unknown, unknown.Advice = true,", "unknown.Unknown, unknown.Advice = false,", "./internal/hostile", "EveryOctet"},
	{"dots are stuffed", "engine/wire/text.go", "t.Stuff && ", "false && t.Stuff && ", "./engine/wire", "."},
	{"secrets in typed lines are masked", "engine/secret/span.go", "out = append(out, Mask...)", "out = append(out, data[from:to]...)", "./engine", "."},
	{"secrets that a server repeats are masked", "engine/do.go", "if spans := s.secretsIn(raw); len(spans) > 0 {", "if spans := s.secretsIn(raw); len(spans) > 1000 {", "./engine", "."},
	{"no control byte reaches a terminal", "transcript/escape.go", "|| !printable(r) {", "&& !printable(r) {", "./transcript", "."},
	{"a mistyped login is not decoded", "engine/saslmech/name.go", "len(parts) == 3 && parts[2] != \"\"", "len(parts) == 3", "./engine/saslmech", "."},
	{"credentials stay out of the history", "engine/secret/lines.go", "if len(f) < 2 || !LooksLikeAuth(f[0])", "if len(f) < 9 || !LooksLikeAuth(f[0])", "./engine/secret", "."},
	{"a script's memory is bounded", "luabind/memory.go", "> limit {", "> 1<<62 {", "./luabind", "Memory"},
	{"texts that are joined are bounded", "luabind/instructions.go", "if total > maxString {", "if total > maxString<<10 {", "./luabind", "TestInstructions"},
	{"a table has a limit", "luabind/instructions.go", "lua.MaxArrayIndex = maxElements + 1", "_ = maxElements", "./luabind", "TestInstructions"},
	{"work is stopped", "luabind/meter.go", "if m.ctx.Err() != nil {", "if false {", "./luabind", "TestTheLargestArguments"},
	{"results are counted", "luabind/libs_table.go", "if to-from >= maxValues {", "if to-from >= maxValues<<20 {", "./luabind", "TestArgumentsThatAreTooLarge"},
	{"names are not large", "luabind/meter.go", "if len(v) > maxArgument && !p.Large {", "if false {", "./luabind", "TestArgumentsThatAreTooLarge"},
	{"tasks at once are bounded", "luabind/parallel.go", "|| limit > maxAtOnce {", "{", "./luabind", "TestArgumentsThatAreTooLarge"},
	{"a run that does not stop is ended", "luabind/stuck.go", "vm.opts.Stuck(&StuckError", "_ = (&StuckError", "./testscripts", "TheEndOfWhat"},
	{"the end of the program waits for no reader", "internal/cli/interrupt.go", "go func() { // whoever reads", "func() { // whoever reads", "./testscripts", "TheEndWithout"},
	{"a second signal ends the program", "internal/cli/interrupt.go", "a.die(errAgain)\n\t\t\t\t}", "_ = errAgain\n\t\t\t\t}", "./testscripts", "TheEndOfWhat"},
	{"actions of a rule are bounded", "luabind/rules.go", "|| depth > maxSequence {", "{", "./luabind", "AttackersFound/an_action_in_itself"},
	{"a coroutine is of one task", "luabind/libs_coroutine.go", "if vm.resumed[th] {", "if false {", "./luabind", "AttackersFound"},
	{"a coroutine has the time of who resumes it", "luabind/libs_coroutine.go", "th.SetContext(ctx)", "_ = ctx", "./luabind", "AttackersFound/a_coroutine_in_a_rule"},
	{"stacks are memory", "luabind/memory.go", "+ sample[1].Value.Uint64())", ")", "./luabind", "AttackersFound/deep_tasks"},
	{"comparisons are stopped", "luabind/show.go", "c.why = c.m.add(n)", "_ = n", "./luabind", "AComparisonEnds"},
	{"constants of a source are counted", "luabind/check_walk.go", "if len(constants) > maxConstants {", "if false {", "./luabind", "AttackersFound"},
	{"sockets without a file are not the folder's", "luabind/reach.go", "!strings.HasPrefix(path, \"@\") && ", "", "./luabind", "TestSockets"},
	{"a rule has little time", "luabind/rules.go", "return min(limit, maxRuleTime)", "return limit", "./testscripts", "RulesThatDoNotEnd"},
	{"a rule has a limit of memory", "luabind/rules.go", "WatchMemory(ctx, vm.opts.Limits.Memory, vm.opts.Limits.Beyond)", "WatchMemory(ctx, 0, nil)", "./testscripts", "RulesThatDoNotEnd"},
	{"a server can be closed by its rule", "luabind/listen.go", "s.box.Stop()\n", "s.box.Close() //nolint:errcheck // x\n", "./luabind", "CallbacksThatMeet"},
	{"a script ends at its deadline", "luabind/limits.go", "if l.Time <= 0 {", "if true {", "./testscripts", "TestScripts/limits"},
	{"Lua that waits for nothing is stopped", "luabind/leash.go", ">= l.patience {", ">= l.patience && false {", "./luabind", "WaitsForNothing"},
	{"the message of a refused DATA is not sent", "repl/refused.go", "if rep != nil && (!rep.Positive() || rep.Misplaced()) && left > 0 {", "if false {", "./testscripts", "TestScripts/refused"},
	{"a message follows a 354 only", "repl/refused.go", "(!rep.Positive() || rep.Misplaced())", "!rep.Positive()", "./repl", "ConsentWithTheWrongCode"},
	{"a message of a dialogue follows a 354 only", "internal/dialogue/play.go", "c.last.Positive() && !c.last.Misplaced()", "c.last.Positive()", "./internal/dialogue", "AMessageNeeds354"},
	{"a load contacts only whom the user named", "internal/cli/consent.go", "|| slices.Contains(c.hosts, hostKey(t)) {", "|| true {", "./internal/cli", "TestControl"},
	{"a public host wants the user's word", "internal/cli/consent.go", "if public(ip) && !", "if false && public(ip) && !", "./internal/cli", "TestControl"},
	{"no other user plants an authority", "internal/nearby/finder.go", "!ours(info) || info.Mode().Perm()&0o077 != 0", "info.Mode().Perm()&0o077 > 0o777", "./internal/nearby", "Plants"},
	{"a dead sandbox vouches for nobody", "internal/nearby/finder.go", "|| !isLocked(f) {", "|| isLocked(f) && false {", "./internal/nearby", "Plants"},
	{"a token is needed to read mailboxes", "internal/inspect/server.go", "if word != hello || subtle", "if word != hello || 1 == 2 && subtle", "./internal/inspect", "NoToken"},
	{"a token stays from unverified servers", "internal/inspect/client.go", "InsecureSkipVerify: c.Insecure,", "InsecureSkipVerify: true,", "./internal/inspect", "NoSandbox"},
	{"a session has a limit of its own", "engine/deadline.go", "if !s.sessionEnd.IsZero() && s.sessionEnd.Before(t) {", "if false {", "./engine", "ASessionEnds"},
	{"what is shown of a reply is bounded", "transcript/text.go", "if h.shown > maxShownReply {", "if h.shown > 1<<40 {", "./transcript", "."},
	{"the lines of a reply are counted", "engine/wire/reader.go", "if lines >= r.limits.Lines {", "if false {", "./engine/wire", "."},
	{"three challenges are answered", "engine/saslmech/password.go", "return nil, fmt.Errorf(\"LOGIN: the server asks a third time\")", "if l.step > 9 {\n\t\treturn nil, fmt.Errorf(\"x\")\n\t}\n\treturn []byte(l.password), nil", "./engine", "EndlessLogin"},
	{"no password goes to an unverified server", "engine/auth.go", "case s.tlsErr != nil:", "case false:", "./engine", "."},
	{"STARTTLS wants its 220", "engine/starttls.go", "case r.Code != 220:", "case r.Code == 299:\n\t\treturn r, nil\n\tcase r.Code != 220:", "./engine", "Consent"},
	{"DATA wants its 354", "engine/data.go", "case r.Code != 354:", "case r.Code != 354 && r.Code > 400:", "./engine", "Consent"},
	{"nothing is left over", "engine/unasked.go", "|| len(s.queue) > 0 || !s.arrived()", "|| true || !s.arrived()", "./engine", "Quiet"},
	{"line ends leave as CRLF", "engine/wire/text.go", "t.buf = append(t.buf, '\\r', '\\n')", "t.buf = append(t.buf, '\\n')", "./engine/wire", "."},
	{"addresses are no parameters", "engine/address.go", "i >= 0 {\n\t\treturn \"\", false, unfit(", "i >= 1000 {\n\t\treturn \"\", false, unfit(", "./engine", "Addresses"},
	{"secrets are known in other forms", "engine/secret/set.go", "for before := range 3 {", "for before := range 0 {", "./engine", "Secrets"},
	{"errors repeat no long value", "internal/cli/say.go", "transcript.Escape(transcript.BriefText(s))", "transcript.Escape(s)", "./internal/cli", "TestErrorsOfLongFlags"},
	{"what cannot be completed is escaped and brief", "internal/cli/completion.go", "transcript.Escape(transcript.Brief(w))", "w\n\t\t_ = transcript.Escape", "./testscripts", "TestWhatCannotBeCompleted"},
	{"many words are not repeated", "internal/cli/completion.go", "const mostWords = 400", "const mostWords = 1 << 30", "./testscripts", "TestWhatCannotBeCompleted"},
	{"no help is installed as completion", "internal/cli/completion.go", "if len(args) > 0 {\n\t\t\treturn &usage", "if len(args) > 9 {\n\t\t\treturn &usage", "./internal/cli", "TestCompletionOfAnUnknownShell"},
	{"failures repeat no long value", "internal/testrun/failure.go", "transcript.BriefLines(what, maxLines)", "what", "./internal/cli", "TestReportsOfLongMessages"},
	{"errors at the prompt repeat no long value", "repl/screen.go", "transcript.Escape(transcript.BriefText(err.Error()))", "transcript.Escape(err.Error())", "./testscripts", "TestErrorsOfLongValues"},
	{"a long line is shown in part", "repl/line/fold.go", "if len(line) > maxEdited {", "if false {", "./repl/line", "TestALongPaste"},
	{"a paste is drawn once", "repl/line/run_unix.go", "if !ok {", "if true || !ok {", "./repl/line", "TestALongPaste/AUTH"},
	{"nothing in a paste is a key", "repl/line/keys_unix.go", "case k.pasting:\n\t\t\tvar n int", "case false:\n\t\t\tvar n int", "./repl/line", "TestNothingInAPasteIsAKey"},
	{"no control octet of a line is drawn", "repl/line/fold.go", "unicode.In(r, unicode.Cc, unicode.Cf, ", "unicode.In(r, ", "./repl/line", "TestNothingInAPasteIsAKey|HistoryWithControls"},
	{"octets of a paste are no signals", "repl/line/paste_unix.go", "\t\tk.readAhead()\n", "", "./repl/line", "TestAPasteIsReadAheadOfItsLines"},
	{"a paste without an end can be given up", "repl/line/paste_unix.go", "|| silent < k.lull ||", "|| true || silent < k.lull ||", "./repl/line", "TestAPasteWithoutAnEnd"},
	{"a pasted line has a limit", "repl/line/paste_unix.go", "k.size+size > MaxLine {", "k.size+size > MaxLine<<10 {", "./repl/line", "TestAPastedLineThatIsTooLong"},
	{"certificates that cannot be written are an error", "repl/cert.go", "case err != nil && len(args) == 0:", "case err != nil && len(args) < 9:", "./testscripts", "TestScripts/pipe"},
	{"what was announced must come", "repl/expect.go", "if r.expected == nil {", "if true || r.expected == nil {", "./testscripts", "TestScripts/pipe"},
	{"a log with a part missing is an error", "repl/repl.go", "err == nil && lerr != nil {", "false && lerr != nil {", "./repl", "TestALogThatIsNotComplete"},
	{"a line that is shown in part is sent whole", "repl/line/fold.go", "f.write(&b, string(line))", "b.WriteString(string(line))", "./repl/line", "TestFold"},
	{"what a script prints is masked", "luabind/vars.go", "text := c.vm.secrets.Mask(b.String())", "text := b.String()", "./luabind", "."},
	{"scripts do not see secrets", "luabind/vars.go", "if !c.vm.opts.Unsafe {", "if false {", "./luabind", "."},
	{"scripts read no foreign files", "luabind/options.go", "case vm.opts.Unsafe:", "case true:", "./luabind", "."},
	{"texts of lessons are escaped", "luabind/lesson.go", "parts = append(parts, transcript.Escape(p))", "_ = transcript.Escape\n\t\t\tparts = append(parts, p)", "./testscripts", "TestTextsOfAuthors"},
	{"what a script prints is escaped on a terminal", "internal/cli/script_host.go", "line = transcript.EscapeText(line)", "_ = transcript.EscapeText(line)", "./testscripts", "TestWhatAScriptPrints"},
	{"what a script prints at the prompt is escaped", "repl/commands_lua.go", "text = transcript.EscapeText(text)", "_ = transcript.EscapeText(text)", "./testscripts", "TestTextsOfAuthors"},
	{"reports of loads are clean", "internal/load/report.go", "json.NewEncoder(transcript.JSONWriter(&b))", "json.NewEncoder(&b)\n\t_ = transcript.JSONWriter", "./testscripts", "TestReportsOfAuthors"},
	{"reports of JSON are clean", "transcript/escape.go", "func hidden(r rune) bool { return ", "func hidden(r rune) bool { return false && ", "./transcript", "."},
	{"a mailbox server is bounded", "internal/imap/meter.go", "const spare = 1 << 20", "const spare = 1 << 25", "./internal/imap", "Floods"},
	{"files are whole", "internal/wholefile/replace.go", "tmp, err := write(path, content, perm, kept)\n\tif err != nil {\n\t\treturn err\n\t}\n\tif err := os.Rename", "err := os.WriteFile(path, content, perm|kept)\n\ttmp := path\n\tif err != nil {\n\t\treturn err\n\t}\n\tif err := os.Rename", "./internal/hostile", "AFullDisk"},
	{"output that is cut is no success", "internal/cli/output.go", "if lost != nil && (", "if false && (", "./internal/hostile", "AFullOutput"},
	{"output that nobody reads is no success", "internal/cli/output.go", "signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)", "_, _ = signal.Notify, syscall.SIGPIPE", "./internal/cli", "TestOutputThatIsLost"},
	{"closed output is no success", "internal/cli/output_linux.go", "if !discards(f) {", "if true {", "./internal/cli", "TestOutputThatIsLost"},
	{"an early reply is no answer in a dialogue", "internal/dialogue/play.go", "if !c.raw {", "if false {", "./internal/dialogue", "."},
	{"values end no message in a dialogue", "internal/dialogue/play.go", "if strings.HasPrefix(line, \".\") &&", "if false &&", "./internal/dialogue", "."},
	{"250 is no login", "engine/state.go", "if r.Code == 235 &&", "if r.Completed() &&", "./engine", "Only235"},
	{"250 is no login for open", "engine/auth.go", "case r.Code != 235:", "case r.Code == 299:", "./engine", "TestOpen"},
	{"a session begins with 220", "engine/open.go", "case r.Code == 220:", "case r.Positive():", "./engine", "TestOpen"},
	{"no capability is hidden behind a CR", "engine/open.go", "if d.Kind == reply.BareCR {", "if false {", "./engine", "TestOpen"},
	{"TLS that is required is offered", "engine/open.go", "if policy == TLSWhenOffered {", "if true {", "./engine", "TestOpen"},
	{"only offered mechanisms are used", "engine/open.go", "if name == \"\" || s.caps", "if true || s.caps", "./engine", "TestOpen"},
	{"a late reply is no goodbye", "engine/quit.go", "if !more && first", "if true || first", "./engine", "LateReplies"},
	{"thresholds need runs that ended well", "internal/load/expect.go", "case r.Counts.Runs == r.Counts.Failed &&", "case false &&", "./internal/load", "NeedSamples"},
	{"a script reaches no foreign socket", "luabind/reach.go", "&& inside(vm.opts.Dir, path) {", "|| true {", "./luabind", "TestReach"},
	{"a script does not listen for the network", "luabind/reach.go", "|| loopback(addr) {", "|| true {", "./luabind", "TestReach"},
	{"a script does not read the environment", "luabind/reach.go", "if value == \"\" || vm.opts.Unsafe", "if true || vm.opts.Unsafe", "./luabind", "TestReach"},
	{"a file that exists is not written over", "internal/wholefile/wholefile.go", "if _, err := os.Lstat(path); err == nil {", "if _, err := os.Lstat(path); err == nil && false {\n\t\tos.Remove(path)\n\t}\n\tif os.Remove(path); false {", "./internal/wholefile", "."},
	{"memory of messages under way is counted", "internal/sandbox/body.go", "if !b.c.hold(int64(n)) {", "if false {", "./internal/sandbox", "MemoryOfMessages"},
	{"memory of envelopes is counted", "internal/sandbox/envelope.go", "n := int64(rcptCost + len(arg) + paramCost*len(r.Params))", "n := int64(0 * rcptCost)", "./internal/sandbox", "MemoryOfEnvelopes"},
	{"padding of commands is not kept", "internal/sandbox/conn.go", "if len(arg)-len(short) > 64 {", "if false {", "./internal/redteam", "TestMemory/unfinished-envelopes"},
	{"memory of connections is counted", "internal/sandbox/admit.go", "if !s.memory.take(connCost) {", "if false {", "./internal/sandbox", "MemoryOfConnections"},
	{"memory of handshakes is counted", "internal/sandbox/meter.go", "if m.over || n <= 0 {", "if true {", "./internal/sandbox", "MemoryOfHandshakes"},
	{"memory of logins is counted", "internal/sandbox/auth.go", "n := 3 * int64(octets)", "n := 0 * int64(octets)", "./internal/sandbox", "MemoryOfLogins"},
	{"memory is given back", "internal/sandbox/conn.go", "c.release(c.held)", "_ = c.held", "./internal/sandbox", "GivenBack"},
	{"remembered commands are bounded", "internal/sandbox/said.go", "|| s.octets+n > maxSaid)", "|| s.octets+n > 1<<40)", "./internal/sandbox", "CommandsAreRemembered"},
	{"commands that nobody asks for are forgotten", "internal/sandbox/server.go", "if !opts.Forget {", "if true {", "./internal/sandbox", "CommandsAreRemembered"},
	{"one address leaves memory to others", "internal/sandbox/lack.go", "> c.srv.memory.limit/peerShare {", "> c.srv.memory.limit {", "./internal/sandbox", "AQuarter"},
	{"temporary files have no names", "internal/sandbox/unnamed_linux.go", "return os.OpenFile(dir, unix.O_TMPFILE|os.O_RDWR|os.O_EXCL, 0o600)", "_ = unix.O_TMPFILE\n\treturn os.CreateTemp(dir, \"smtpsh-message-*\")", "./internal/sandbox", "LargeMessages"},
	{"temporary files are bounded", "internal/sandbox/spill.go", "if !disk.take(spillFloor) {", "if false {", "./internal/sandbox", "TemporaryFilesAreLimited"},
	{"what is not saved is not accepted", "internal/sandbox/content.go", "if !c.keep(m) {", "if !c.keep(m) && false {", "./internal/sandbox", "CannotBeSaved"},
	{"what is not saved is no success", "internal/cli/sandbox.go", "return saved.result()", "saved.result() //nolint:errcheck // a mutant\n\treturn nil", "./internal/redteam", "SavedOrRefused"},
	{"saved mail goes to the folder of the start", "internal/cli/sandbox_save.go", "!os.SameFile(now, s.folder) {", "!os.SameFile(now, now) {", "./internal/cli", "FolderThatIsReplaced"},
	{"saved mail writes over nothing", "internal/cli/sandbox_save.go", "wholefile.CreateFrom(envelope, strings.NewReader(m.Envelope()), 0o600, s.sync)", "wholefile.Replace(envelope, []byte(m.Envelope()), 0o600)", "./internal/cli", "AreNewFiles"},
	{"numbers of saved mail are counted", "internal/cli/sandbox_save.go", "for n := int64(m.ID) + s.ahead.Load(); ; n++ {", "for n := int64(m.ID); ; n++ {", "./internal/cli", "AreNewFiles"},
	{"connections of an address are limited", "internal/sandbox/limits.go", "case l.ConnsPerClient > 0 && p.conns >= l.ConnsPerClient:", "case false:", "./internal/sandbox", "ConnectionsAreLimited"},
	{"commands of an address are limited", "internal/sandbox/limits.go", "if c.peer.commands.take(now,", "if true || c.peer.commands.take(now,", "./internal/sandbox", "CommandsAreLimited"},
	{"wrong tokens are failed logins", "internal/sandbox/auth.go", "if err != nil && !c.p.has(\"any-password\") {", "if false {", "./internal/sandbox", "WrongTokens"},
	{"failed logins are limited", "internal/sandbox/auth.go", "if !c.mayLogin() {", "if !c.mayLogin() && false {", "./internal/sandbox", "FailedLogins"},
	{"this machine is not limited", "internal/sandbox/limits.go", "if ip.IsLoopback() && !l.Loopback {", "if false {", "./internal/sandbox", "ThisMachine"},
	{"limits are announced once", "internal/sandbox/notice.go", "if !x.busy.CompareAndSwap(false, true) {", "if !x.busy.CompareAndSwap(false, true) && false {", "./internal/sandbox", "NoticesAreCounted"},
	{"a console that nobody reads stops no client", "internal/cli/sandbox_console.go", "\tdefault:\n\t\tc.leave(lines)\n\t\treturn false\n\t}", "\t}", "./internal/cli", "NobodyReads"},
	{"the console is readable", "internal/cli/sandbox_console.go", "if c.room > 0 {", "if true {", "./internal/cli", "ConsoleIsReadable"},
	{"the authority goes through no link", "internal/cli/sandbox_ca.go", "wholefile.ReplaceOwn(file, pem, 0o644)", "wholefile.Replace(file, pem, 0o644)", "./internal/redteam", "NoLink"},
	{"sandboxes leave each other's authority alone", "internal/nearby/place.go", "if lock(f) == nil {", "if true {", "./internal/nearby", "Places"},
	{"no link leads out of a folder of somebody else's", "internal/wholefile/folder.go", "if !before.IsDir() {", "if false {", "./internal/wholefile", "FoldersThatAreLinks"},
	{"what smtpsh has not made is not written over", "internal/wholefile/folder.go", "case !made:", "case !made && false:", "./internal/wholefile", "SomebodyElse"},
	{"a transcript takes a free name", "internal/testrun/out.go", "if errors.Is(err, fs.ErrExist) {", "if false && errors.Is(err, fs.ErrExist) {", "./internal/testrun", "TakeFreeNames"},
	{"temporary files are opened where nothing is", "internal/wholefile/wholefile.go", "os.O_EXCL | nofollow", "nofollow", "./internal/wholefile", "TemporaryNames"},
	{"temporary names cannot be guessed", "internal/wholefile/wholefile.go", "\".new-\" + rand.Text()", "\".new-\" + rand.Text()[:4]", "./internal/wholefile", "TemporaryNames"},
	{"a log waits for no reader of its FIFO", "internal/wholefile/append.go", "flag|nonblock", "flag", "./internal/wholefile", "FIFOs"},
	{"a log that nobody takes does not hold up the end", "internal/wholefile/append.go", "f.SetWriteDeadline(time.Now().Add(lastWrites))", "time.Now().Add(lastWrites)", "./internal/wholefile", "FIFOs"},
	{"what is no file is not read where only files are", "internal/readfile/rule.go", "case r.Streams && mode", "case mode", "./internal/readfile", "Kinds"},
	{"what is read is bounded", "internal/readfile/stream.go", "if err == nil && n == limit {", "if err == nil && n > limit {", "./internal/readfile", "."},
	{"no FIFO in a script's folder hangs the program", "internal/readfile/open.go", "root.OpenFile(name, os.O_RDONLY|nonblock, 0)", "root.OpenFile(name, os.O_RDONLY, 0)", "./internal/readfile", "InAFolder"},
	{"a wait for a writer ends", "internal/readfile/open.go", "\tcase <-ctx.Done():\n\t\treturn nil, context.Cause(ctx)", "\tcase <-make(chan int):\n\t\treturn nil, context.Cause(ctx)", "./internal/readfile", "AWaitEnds"},
	{"a read ends with its context", "internal/readfile/stream.go", "pw.CloseWithError(context.Cause(ctx))", "_ = context.Cause(ctx)", "./internal/readfile", "AWaitEnds"},
	{"^C ends the reading of a script", "internal/cli/input_files.go", "context.WithCancel(run)", "context.WithCancel(context.Background())", "./testscripts", "TestAnInterruptEndsAReading/exec_smtpsh_run_fifo"},
	{"the deadline ends a reading", "internal/cli/input_files.go", "if c.deadline > 0 {", "if false {", "./testscripts", "TestWhatEndsNever/smtpsh_run_fifo"},
	{"a secret of a command is bounded", "internal/cli/secret.go", "case out.over:", "case false:", "./testscripts", "TestWhatEndsNever/smtpsh_run_secret.lua_--secret_s=@cmd:yes"},
	{"reports are for their owner only", "internal/luatest/reports.go", "b.Bytes(), 0o600)", "b.Bytes(), 0o644)", "./testscripts", "TestPermissions/junit"},
	{"saved conversations are for their owner only", "repl/save.go", "write(file, content, 0o600)", "write(file, content, 0o644)", "./testscripts", "TestPermissions/saved"},
	{"a recording takes memory as it is long", "internal/dialogue/record.go", "\t\tr.body.WriteString(data)\n", "\t\tr.body.WriteString(data)\n\t\tr.joinBody()\n", "./internal/dialogue", "MemoryGrows"},
}

// The texts that mutants take out are there.
func TestProtectionsAreWhereMutantsLook(t *testing.T) {
	for _, m := range mutants {
		b, err := os.ReadFile(filepath.Join("../..", m.file))
		if err != nil || !bytes.Contains(b, []byte(m.old)) {
			t.Errorf("%s: %s has no %q any more (%v)", m.promise, m.file, m.old, err)
		}
	}
}

// Every protection is needed: with it taken out its tests fail. It builds the program
// once for each, so it runs only with BATTERY_FULL=1. MUTANTS=2/3 runs the second third.
func TestEveryProtectionIsNeeded(t *testing.T) {
	if os.Getenv("BATTERY_FULL") == "" || raceEnabled {
		t.Skip("set BATTERY_FULL=1 to run it")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	copies := make(chan string, 2) // two at a time: building takes turns with waiting
	for range cap(copies) {
		dir := t.TempDir()
		copyTree(t, root, dir)
		copies <- dir
	}
	of, share := 1, 0
	if text := os.Getenv("MUTANTS"); text != "" { // "1/2": the first half
		if n, err := fmt.Sscanf(text, "%d/%d", &share, &of); n != 2 || err != nil || share < 1 || share > of {
			t.Fatalf("MUTANTS=%s: want a share such as 1/2", text)
		}
		share--
	}
	for i, m := range mutants {
		if i%of != share {
			continue
		}
		t.Run(strings.ReplaceAll(m.promise, " ", "-"), func(t *testing.T) {
			t.Parallel()
			dir := <-copies
			defer func() { copies <- dir }()
			path := filepath.Join(dir, m.file)
			was, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if n := bytes.Count(was, []byte(m.old)); n == 0 {
				t.Fatalf("%s has no %q any more", m.file, m.old)
			}
			if err := os.WriteFile(path, bytes.Replace(was, []byte(m.old), []byte(m.new), 1), 0o600); err != nil {
				t.Fatal(err)
			}
			defer os.WriteFile(path, was, 0o600) //nolint:errcheck // the copy goes away
			ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
			defer cancel()
			cmd := exec.CommandContext(ctx, "go", "test", "-count=1", "-vet=off", "-failfast", "-timeout=45s", "-run", m.run, m.pkg)
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "BATTERY_FULL=")
			out, err := cmd.CombinedOutput()
			switch {
			case err == nil:
				t.Errorf("%s: its protection was taken out, and no test minds", m.promise)
			case bytes.Contains(out, []byte("[build failed]")):
				t.Errorf("the program does not build without it:\n%s", out)
			}
		})
	}
}

// copyTree copies the sources of the program.
func copyTree(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		switch {
		case d.IsDir() && (d.Name() == ".git" || d.Name() == "smtpsh-out"):
			return filepath.SkipDir
		case d.IsDir():
			return os.MkdirAll(filepath.Join(to, rel), 0o700)
		case !d.Type().IsRegular():
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if len(b) > 8<<20 { // a built program
			return nil
		}
		return os.WriteFile(filepath.Join(to, rel), b, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
}
