package cli

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"runtime/pprof"

	"github.com/spf13/pflag"

	"smtpsh/internal/wholefile"
)

// profiler writes profiles of CPU time and memory for go tool pprof.
type profiler struct {
	cpu, mem string
	cpuData  *bytes.Buffer
}

func (p *profiler) register(f *pflag.FlagSet) {
	f.StringVar(&p.cpu, "cpuprofile", "", "write a CPU profile to `FILE`")
	f.StringVar(&p.mem, "memprofile", "", "write a profile of all allocations to `FILE`")
	for _, name := range []string{"cpuprofile", "memprofile"} {
		if err := f.MarkHidden(name); err != nil {
			panic(err) // the flag was defined a line above
		}
	}
}

func (p *profiler) start() error {
	if p.mem != "" {
		if err := checkReports(reportFlag{"--memprofile", []string{p.mem}}); err != nil {
			return err
		}
	}
	if p.cpu == "" {
		return nil
	}
	err := wholefile.Check(p.cpu)
	if err == nil {
		p.cpuData = &bytes.Buffer{}
		err = pprof.StartCPUProfile(p.cpuData)
	}
	if err != nil {
		return &usageError{err: fmt.Errorf("--cpuprofile: %w", err), hint: "name a writable file"}
	}
	return nil
}

func (p *profiler) stop() error {
	var errs []error
	if p.cpuData != nil {
		pprof.StopCPUProfile()
		errs = append(errs, wholefile.Replace(p.cpu, p.cpuData.Bytes(), 0o600))
	}
	if p.mem != "" {
		var b bytes.Buffer
		runtime.GC() // without a collection the profile would show an older state
		err := pprof.Lookup("allocs").WriteTo(&b, 0)
		if err == nil {
			err = wholefile.Replace(p.mem, b.Bytes(), 0o600)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
