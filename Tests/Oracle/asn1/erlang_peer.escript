#!/usr/bin/env escript
%% Erlang's asn1ct for peers.py: a command a line, an answer a line.
%%   compile FILE OUTDIR MODULE        -> ok | error
%%   recode MODULE TYPE HEX            -> ok HEX | error
main(_) ->
    io:setopts(standard_io, [{encoding, latin1}]),
    loop().

loop() ->
    case io:get_line("") of
        eof -> ok;
        {error, _} -> ok;
        Line ->
            Words = string:lexemes(string:trim(Line), " "),
            Answer = try answer(Words) catch _:_ -> "error" end,
            io:put_chars([Answer, "\n"]),
            loop()
    end.

answer(["compile", File, Out, Module]) ->
    case asn1ct:compile(File, [ber, noobj, {outdir, Out}, {verbose, false}]) of
        ok -> load(Out, Module);
        {ok, _} -> load(Out, Module);
        _ -> "error"
    end;
answer(["recode", Module, Type, Hex]) ->
    M = list_to_atom(Module),
    T = list_to_atom(Type),
    {ok, Value} = M:decode(T, binary:decode_hex(list_to_binary(Hex))),
    {ok, Octets} = M:encode(T, Value),
    ["ok ", binary:encode_hex(iolist_to_binary(Octets))].

load(Out, Module) ->
    {ok, _, Code} = compile:file(filename:join(Out, Module), [binary, {i, Out}, return_errors]),
    {module, _} = code:load_binary(list_to_atom(Module), Module, Code),
    "ok".
