"""URLs that lead to inner addresses, or to nothing that may be asked, as an attacker would write them."""

_WRITTEN = r"""
http://127.0.0.1:{p}/ https://127.0.0.1:{p}/ http://127.0.0.1.:{p}/ http://localhost:{p}/
http://LOCALHOST:{p}/ http://localhost.:{p}/ http://localhost.localdomain:{p}/ http://0:{p}/
http://0.0.0.0:{p}/ http://127.1:{p}/ http://127.0.1:{p}/ http://127.255.255.254:{p}/ http://2130706433:{p}/
http://0x7f000001:{p}/ http://0x7f.1:{p}/ http://0x7f.0.0.1:{p}/ http://017700000001:{p}/
http://0177.0.0.1:{p}/ http://0177.1:{p}/ http://127.000.000.001:{p}/ http://[::1]:{p}/
http://[0:0:0:0:0:0:0:1]:{p}/ http://[::]:{p}/ http://[::ffff:127.0.0.1]:{p}/ http://[::ffff:7f00:1]:{p}/
http://[0:0:0:0:0:ffff:127.0.0.1]:{p}/ http://[::127.0.0.1]:{p}/ http://[64:ff9b::127.0.0.1]:{p}/
http://[64:ff9b::7f00:1]:{p}/ http://[64:ff9b:1::127.0.0.1]:{p}/ http://[64:ff9b::169.254.169.254]:{p}/
http://[2002:7f00:1::]:{p}/ http://[2002:7f00:1::1]:{p}/ http://[2001:0:4136:e378:8000:63bf:80ff:fffe]:{p}/
http://[fe80::1]:{p}/ http://[fe80::1%25lo]:{p}/ http://[::1%25lo]:{p}/ http://[fc00::1]:{p}/
http://[fd00:ec2::254]:{p}/ http://[ff02::1]:{p}/ http://169.254.169.254:{p}/ http://169.254.169.254.:{p}/
http://10.0.0.1:{p}/ http://172.16.0.1:{p}/ http://192.168.0.1:{p}/ http://100.64.0.1:{p}/
http://192.0.0.1:{p}/ http://198.18.0.1:{p}/ http://224.0.0.1:{p}/ http://240.0.0.1:{p}/
http://255.255.255.255:{p}/ http://192.88.99.1:{p}/ http://192.0.2.1:{p}/ http://ok@127.0.0.1:{p}/
http://example.com@127.0.0.1:{p}/ http://example.com:80@127.0.0.1:{p}/ http://127.0.0.1:{p}#@example.com/
http://127.0.0.1:{p}?@example.com/ http://127.0.0.1:{p}\@example.com/ http://①②⑦.⓪.⓪.①:{p}/
http://127。0。0。1:{p}/ http://ｌｏｃａｌｈｏｓｔ:{p}/ http://loc%61lhost:{p}/ http://127.0.0.1%2f:{p}/
gopher://127.0.0.1:{p}/ file:///etc/passwd ftp://127.0.0.1:{p}/ dict://127.0.0.1:{p}/ ws://127.0.0.1:{p}/
unix:///var/run/docker.sock jar:http://127.0.0.1:{p}!/ javascript:alert(1) //127.0.0.1:{p}/ 127.0.0.1:{p}
http:/// http://:{p}/ http://127.0.0.1:99999/ http://[::1/ http://a..b:{p}/
"""
URLS = _WRITTEN.split()
"""`{p}` is the port of whoever listens."""
