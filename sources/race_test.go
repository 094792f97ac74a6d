//go:build race

package sources

// underRace tells that pools drop buffers on purpose: allocations are not counted then.
const underRace = true
