// Between the search box and Material's own worker, whose file is named behind the question mark. What readers type
// and paste are words, never lunr's operators: with "-ERR Logon failure: …", lunr would leave out every page that
// holds ERR, and take "failure" for the name of a field.
const QUERY = 2; // the type of message, as Material's script numbers them

addEventListener("message", ({data}) => {
  if (data.type === QUERY) data.data = data.data.replace(/[-+*:^~"\\]+/g, " ").trim();
});

importScripts(location.search.slice(1));
