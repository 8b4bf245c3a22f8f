# Runs a program beside minipop; see minipop.lab.subprocesses. $0 is the folder of the program, the rest its command.
# Standard input is a pipe that minipop holds open; when it ends, the program is killed and its folder removed, unless
# a line came before. KILL, because at TERM a program may wait for its clients, and none has anything to finish.
"$@" </dev/null &
program=$!
trap '' HUP INT TERM
exec >/dev/null 2>&1
read -r keep
kill -KILL $program
wait $program
test "$keep" || rm -rf -- "$0"
