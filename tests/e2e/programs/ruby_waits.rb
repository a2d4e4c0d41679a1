# SPDX-License-Identifier: MIT
# Callbacks that wait for a thread, a queue, a while, a lock: by poll(), as the interpreter does on its main thread. Argument: how
# EventMachine waits, "epoll" or "select".
require 'eventmachine'
EM.epoll if ARGV[0] == 'epoll'
EM.run do
  EM.add_timer(0.02) { Thread.new { sleep 0.05 }.join } #: Thread#join
  EM.add_timer(0.03) { queue = Queue.new; Thread.new { sleep 0.05; queue << 1 }; queue.pop } #: Thread::Queue#pop
  EM.add_timer(0.04) { sleep 0.01 } #: Kernel#sleep
  EM.add_timer(0.05) do
    lock = Mutex.new
    taken = Queue.new
    Thread.new { lock.synchronize { taken << 1; sleep 0.1 } }
    1 until taken.size == 1
    lock.synchronize {} #: Thread::Mutex#synchronize
  end
  EM.add_timer(0.06) { EM.stop }
end
