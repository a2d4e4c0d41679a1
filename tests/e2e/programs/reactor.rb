# SPDX-License-Identifier: MIT
# EventMachine's reactor; the first argument says how it waits, the second what happens.
require 'eventmachine'
require 'socket'

def work(path)
  File.read(path)
rescue SystemCallError
  nil
end

def block
  EM.run do
    EM.add_timer(0.01) { work('/etc/turn') }
    EM.add_timer(0.02) { work('/etc/turn'); EM.stop }
  end
end

# Waits of Ruby's own, before and after the reactor's and in another thread.
def around
  ours, theirs = Socket.pair(:UNIX, :STREAM)
  theirs.write('x')
  IO.select([ours], nil, nil, 1)
  work('/etc/none')
  EM.run { EM.add_timer(0.01) { EM.stop } }
  work('/etc/none')
  IO.select([ours], nil, nil, 1)
  work('/etc/none')
  Thread.new { 3.times { IO.select([ours], nil, nil, 1); work('/etc/none') } }.join
end

def never
  ours, theirs = Socket.pair(:UNIX, :STREAM)
  3.times { theirs.write('x'); IO.select([ours], nil, nil, 1); ours.readpartial(1); work('/etc/none') }
end

EM.epoll if ARGV[0] == 'epoll'
send(ARGV[1])
