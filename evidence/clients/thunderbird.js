// Run inside Thunderbird: trust a certificate authority, give the password or token, fetch, and tell what came of it.
const [authority, secret, done] = arguments;
const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const { Pop3Client } = ChromeUtils.importESModule("resource:///modules/Pop3Client.sys.mjs");
const { Pop3Authenticator } = ChromeUtils.importESModule("resource:///modules/MailAuthenticator.sys.mjs");

async function fetchMail() {
  const server = MailServices.accounts.allServers.find(found => found.type == "pop3");
  if (authority) {
    const certificates = Cc["@mozilla.org/security/x509certdb;1"].getService(Ci.nsIX509CertDB);
    certificates.addCertFromBase64(authority, "C,,");
  }
  server.password = secret;
  // A person would sign in, and press "Cancel" when a log-on has failed.
  const token = btoa(`user=${server.username}\x01auth=Bearer ${secret}\x01\x01`);
  Pop3Authenticator.prototype.getOAuthToken = async () => token;
  Pop3Authenticator.prototype.promptAuthFailed = () => 1;
  server.QueryInterface(Ci.nsILocalMailIncomingServer).createDefaultMailboxes();
  const inbox = server.rootFolder.getFolderWithFlags(Ci.nsMsgFolderFlags.Inbox);
  return new Promise(resolve => {
    // When NTLM is refused, Thunderbird 153 neither goes on nor ends.
    const parse = Pop3Client.prototype._parse;
    Pop3Client.prototype._parse = function (line) {
      const reply = parse.call(this, line);
      if (reply.status == "-ERR" && this._currentAuthMethod == "NTLM") {
        resolve("refused");
      }
      return reply;
    };
    const listener = { OnStartRunningUrl() {}, OnStopRunningUrl: (url, status) => resolve(status) };
    MailServices.pop3.GetNewMail(null, listener, inbox, server);
  });
}

fetchMail().then(status => done(`status ${status}`), error => done(`${error} ${error.stack}`));
