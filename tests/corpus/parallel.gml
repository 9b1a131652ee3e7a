# from elsewhere
Creator "x"
Version 1
graph [
 directed 1
 node [ id 1 label "a" source "web" v -Inf graphics [ x 1 ] ]
 node [ id 2 label "b &#229;" v NaN ]
 edge [ source 1 target 2 value 1 ]
 edge [ source 1 target 2 value 2 ]
 edge [ source 2 target 2 ]
]
