/// A socket that listens as systemd does.
public enum ServiceListener {
    /// In Python: `listen.py SOCKET` prints `bound`, then each datagram's lines joined, to the last one or for 20 seconds.
    public static let program = """
        import socket, sys, time
        s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        s.bind(sys.argv[1].replace('@', chr(0), 1))
        s.settimeout(30)
        print('bound', flush=True)
        while True:
            text = s.recv(4096).decode().replace(chr(10), ' ')
            print(f'{time.time():.3f} {text}', flush=True)
            if 'STOPPING' in text: break
        """
}
