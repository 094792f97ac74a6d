package sandbox

import (
	"sync"
	"time"
)

// pending are things that happen later.
type pending struct {
	mu   sync.Mutex
	next int
	jobs map[int]*job
}

type job struct {
	timer *time.Timer
	run   func()
}

func (p *pending) add(d time.Duration, f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.jobs == nil {
		p.jobs = map[int]*job{}
	}
	p.next++
	id := p.next
	p.jobs[id] = &job{run: f, timer: time.AfterFunc(d, func() { p.do(id) })}
}

// do runs a job unless it has run.
func (p *pending) do(id int) {
	p.mu.Lock()
	j := p.jobs[id]
	delete(p.jobs, id)
	p.mu.Unlock()
	if j != nil {
		j.run()
	}
}

func (p *pending) settle() {
	for {
		p.mu.Lock()
		first := 0
		for id, j := range p.jobs {
			j.timer.Stop()
			if first == 0 || id < first {
				first = id
			}
		}
		p.mu.Unlock()
		if first == 0 {
			return
		}
		p.do(first)
	}
}

func (p *pending) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.jobs)
}
