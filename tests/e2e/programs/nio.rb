# SPDX-License-Identifier: MIT
# The selector of nio4r alone: libev inside of an extension, stepped. The first argument says how often.
require 'nio'

def work(path)
  File.read(path)
rescue SystemCallError
  nil
end

selector = NIO::Selector.new
ARGV[0].to_i.times do
  selector.select(0.001)
  work('/etc/between')
end
work('/etc/after')
