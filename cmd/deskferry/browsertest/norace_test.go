//go:build !race

package browsertest

// underRace is whether the race detector watches this process.
const underRace = false
