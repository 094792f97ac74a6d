package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/deskferry/deskferry/importer/gorgias"
)

// TestDoctorExit: an account that does not answer is no patient: the doctor could not run. A refused key is a finding.
func TestDoctorExit(t *testing.T) {
	r := newRig(t, "")
	refusing := newRig(t, "401 on GET /api/account")
	for _, c := range []struct {
		url    string
		code   int
		stderr string
	}{
		{"http://127.0.0.1:1", exitFailed, "nothing could be looked at: http://127.0.0.1:1"},
		{refusing.url, exitIncomplete, ""},
		{r.url, exitDone, ""},
	} {
		var out, errs bytes.Buffer
		code := run(t.Context(), []string{"deskferry", "doctor", "--to", c.url, "--patience", "1ms", "--json"}, strings.NewReader(""), &out, &errs)
		if code != c.code || !strings.Contains(errs.String(), c.stderr) || c.stderr == "" && errs.Len() > 0 {
			t.Errorf("%s: exit %d, want %d\n%s", c.url, code, c.code, errs.String())
		}
		var x gorgias.Examination
		if err := json.Unmarshal(out.Bytes(), &x); err != nil || len(x.Findings) == 0 {
			t.Errorf("%s: %v, %+v", c.url, err, x)
		}
	}
}
