# SPDX-License-Identifier: MIT
# Two methods, two files, under EventMachine.
require 'eventmachine'
class Shop
  def hosts = File.read('/etc/hosts') #: open File.read
end
def lists = Dir.entries('/etc') #: readdir Dir.entries
EM.run do
  EM.add_timer(0.02) { Shop.new.hosts }
  EM.add_timer(0.04) { lists } unless ARGV[0] == 'one'
  EM.add_timer(0.06) { EM.stop }
end
