#!/usr/bin/env escript
%% Compiles a module with asn1ct, and decodes values with it. See generated.py.

main(["compile", Name]) ->
    case asn1ct:compile(Name, [ber]) of
        ok -> ok;
        {error, Reason} ->
            io:format("~P~n", [Reason, 30]),
            halt(1)
    end;
main(["decode", Name, File]) ->
    true = code:add_path("."),
    {ok, Octets} = file:read_file(File),
    decode(list_to_atom(Name), Octets).

decode(_, <<>>) -> ok;
decode(Module, <<TypeSize:32, Type:TypeSize/binary, Size:32, Value:Size/binary, Rest/binary>>) ->
    case catch Module:decode(binary_to_atom(Type, utf8), Value) of
        {ok, _} -> io:format("decoded~n");
        _ -> io:format("refused~n")
    end,
    decode(Module, Rest).
