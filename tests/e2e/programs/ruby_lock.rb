# SPDX-License-Identifier: MIT
# A reactor in a thread of its own beside threads that compute: it waits for their turn at the interpreter's lock, as every thread
# of Ruby's does. What it reads is a hit all the same.
require 'nio'
def reads = File.read('/etc/hosts') #: open File.read
done = false
busy = Array.new(2) { Thread.new { 1 until done } }
reactor = Thread.new do
  selector = NIO::Selector.new
  5.times do
    selector.select(0.01)
    reads
  end
  selector.close
end
reactor.join
done = true
busy.each(&:join)
