"""Says hello, reads one answer, leaves without a word: the very first lesson."""

import socket
import sys

s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
print(s.recv(1024).decode().strip())
s.send(b"Hello, serveur !")
print(s.recv(1024).decode())
s.close()
