//go:build !race

package problem

// raceEnabled skips what has nothing to race.
const raceEnabled = false
