package ledger

import (
	"fmt"
	"path/filepath"
)

// refuseNetwork refuses a path whose file system is another machine's, where the system tells.
func refuseNetwork(path string) error {
	abs, err := filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("opening the ledger: %w", err)
	}
	if kind := networkKind(filepath.Dir(abs)); kind != "" {
		return fmt.Errorf("%s: %w (%s): name a place on a local disk with --ledger", path, ErrNetwork, kind)
	}
	return nil
}
